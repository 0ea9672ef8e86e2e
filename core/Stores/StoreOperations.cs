using System.Collections.Concurrent;

namespace Tributary.Stores;

/// <summary>
/// Counts requests to a store, each attempt once, at the moment it is sent, and for whom they are. Safe for several threads.
/// </summary>
public sealed class StoreOperations
{
    /// <summary>Sources that are counted apart; what further ones use is counted together, job by job.</summary>
    public const int MaxSources = 256;

    private readonly long[] counts = new long[Enum.GetValues<OperationClass>().Length];
    private readonly ConcurrentDictionary<Payer, StoreTally> tallies = new();
    private readonly ConcurrentDictionary<string, StoreTally> others = new(StringComparer.Ordinal);
    private int sources;

    /// <summary>How many requests of a class were sent.</summary>
    public long this[OperationClass operation] => Interlocked.Read(ref counts[(int)operation]);

    /// <summary>All requests.</summary>
    public long Total => Enum.GetValues<OperationClass>().Sum(c => this[c]);

    /// <summary>What each payer has used until now; together it is everything.</summary>
    public IEnumerable<KeyValuePair<Payer, StoreTally>> ByPayer => tallies;

    /// <summary>The requests to several stores together, as they are now.</summary>
    public static StoreOperations Sum(params IEnumerable<StoreOperations> stores)
    {
        var sum = new StoreOperations();
        foreach (var store in stores)
        {
            for (var i = 0; i < sum.counts.Length; i++)
            {
                sum.counts[i] += Interlocked.Read(ref store.counts[i]);
            }
        }
        return sum;
    }

    /// <summary>Counts one request; whoever pays now pays for it.</summary>
    /// <param name="operation">Its class.</param>
    /// <param name="bytesWritten">What it carries to a blob.</param>
    public void Count(OperationClass operation, long bytesWritten = 0)
    {
        Interlocked.Increment(ref counts[(int)operation]);
        var payers = Payers.Current;
        for (var i = 0; i < payers.Count; i++)
        {
            var tally = TallyOf(payers[i]);
            tally.Count(operation, payers.ShareOf(i, OperationCounts.Millionths));
            tally.CountWritten(payers.ShareOf(i, bytesWritten));
        }
    }

    /// <summary>Counts bytes of blobs that an answer has brought.</summary>
    public void CountRead(long bytes)
    {
        var payers = Payers.Current;
        for (var i = 0; i < payers.Count; i++)
        {
            TallyOf(payers[i]).CountRead(payers.ShareOf(i, bytes));
        }
    }

    private StoreTally TallyOf(Payer payer)
    {
        if (tallies.TryGetValue(payer, out var tally))
        {
            return tally;
        }
        if (payer.Source is not null && Volatile.Read(ref sources) >= MaxSources)
        {
            return others.TryGetValue(payer.Job, out tally)
                ? tally
                : others.GetOrAdd(
                    payer.Job,
                    static (job, tallies) =>
                        tallies.GetOrAdd(new Payer(job, Payer.OtherSources), static _ => new StoreTally()),
                    tallies
                );
        }
        var made = new StoreTally();
        tally = tallies.GetOrAdd(payer, made);
        if (ReferenceEquals(tally, made) && payer.Source is not null)
        {
            Interlocked.Increment(ref sources);
        }
        return tally;
    }
}
