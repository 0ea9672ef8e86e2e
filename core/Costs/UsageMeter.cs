using Tributary.Stores;

namespace Tributary.Costs;

/// <summary>
/// What a process has used since it began, and for whom: what its stores count, and what is counted here. Safe for several
/// threads.
/// </summary>
/// <param name="stores">The counters of its stores, each once.</param>
public sealed class UsageMeter(params IReadOnlyList<StoreOperations> stores)
{
    private readonly PayerTable<Tally> tallies = new();

    /// <summary>Counts bytes that go to others; whoever pays now pays for them.</summary>
    public void CountSent(long bytes)
    {
        var payers = Payers.Current;
        for (var i = 0; i < payers.Count; i++)
        {
            Interlocked.Add(ref tallies.Of(payers[i]).Sent, payers.ShareOf(i, bytes));
        }
    }

    /// <summary>Counts bytes of log lines.</summary>
    public void CountLogged(long bytes)
    {
        var payers = Payers.Current;
        for (var i = 0; i < payers.Count; i++)
        {
            Interlocked.Add(ref tallies.Of(payers[i]).Logged, payers.ShareOf(i, bytes));
        }
    }

    /// <summary>Counts an answer of a source that is in the log.</summary>
    /// <param name="payer">The job and the source.</param>
    /// <param name="bytes">Its bytes.</param>
    /// <param name="samples">Samples that are stored of it.</param>
    public void CountTick(Payer payer, long bytes, long samples)
    {
        var tally = tallies.Of(payer);
        Interlocked.Increment(ref tally.Ticks);
        Interlocked.Add(ref tally.Received, bytes);
        Interlocked.Add(ref tally.Samples, samples);
    }

    /// <summary>All of it, by payer.</summary>
    public Dictionary<Payer, Usage> Totals()
    {
        var totals = new Dictionary<Payer, Usage>();
        foreach (var store in stores)
        {
            foreach (var (payer, tally) in store.ByPayer)
            {
                Add(
                    payer,
                    new Usage
                    {
                        Operations = tally.Operations,
                        BytesRead = tally.BytesRead,
                        BytesWritten = tally.BytesWritten,
                    }
                );
            }
        }
        foreach (var (payer, tally) in tallies.All)
        {
            Add(payer, tally.ToUsage());
        }
        return totals;

        void Add(Payer payer, Usage usage) =>
            totals[payer] = totals.TryGetValue(payer, out var before) ? before + usage : usage;
    }

    /// <summary>Counts an invocation that is over.</summary>
    internal void CountInvocation(Payer payer) => Interlocked.Increment(ref tallies.Of(payer).Invocations);

    /// <summary>Counts billed time.</summary>
    internal void CountBilled(Payer payer, long mbMs, bool isAlwaysReady)
    {
        var tally = tallies.Of(payer);
        Interlocked.Add(ref isAlwaysReady ? ref tally.AlwaysReady : ref tally.OnDemand, mbMs);
    }

    private sealed class Tally
    {
        public long Sent;
        public long Logged;
        public long Received;
        public long Ticks;
        public long Samples;
        public long Invocations;
        public long OnDemand;
        public long AlwaysReady;

        public Usage ToUsage() =>
            new()
            {
                BytesSent = Interlocked.Read(ref Sent),
                LogBytes = Interlocked.Read(ref Logged),
                BytesReceived = Interlocked.Read(ref Received),
                Ticks = Interlocked.Read(ref Ticks),
                Samples = Interlocked.Read(ref Samples),
                Invocations = Interlocked.Read(ref Invocations),
                OnDemandMbMs = Interlocked.Read(ref OnDemand),
                AlwaysReadyMbMs = Interlocked.Read(ref AlwaysReady),
            };
    }
}
