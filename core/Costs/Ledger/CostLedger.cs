using Tributary.Model;
using Tributary.Stores;

namespace Tributary.Costs.Ledger;

/// <summary>Keeps what this process uses, day by day, in a row for each day.</summary>
/// <remarks>
/// <para>A row has sums since the process began that day and is written whole, so writing it twice adds nothing. When the
/// outcome of a write is not known, the row is left: the next write makes another with a higher generation, which counts
/// instead; a late write of the row before changes nothing then. Processes have rows of their own.</para>
/// <para>A row includes the request that writes it. What is used after the last write before a process is killed is lost.
/// Safe for several threads.</para>
/// </remarks>
/// <param name="tables">Where the rows are.</param>
/// <param name="meter">What is used.</param>
/// <param name="process">This process; never the same twice.</param>
/// <param name="time">The clock.</param>
public sealed class CostLedger(ITableStore tables, UsageMeter meter, Ulid process, TimeProvider time)
{
    /// <summary>Days whose rows are kept.</summary>
    public const int KeptDays = 400;

    /// <summary>Days before those whose rows are looked for, one at each look.</summary>
    private const int RemovedDays = 30;

    /// <summary>What was written of so many days is remembered.</summary>
    private const int RememberedDays = 2;

    /// <summary>A row is written so often at most.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromMinutes(5);

    /// <summary>Looks at older days come so often.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromMinutes(10);

    private readonly Lock gate = new();
    private readonly SemaphoreSlim saving = new(1);
    private readonly SortedDictionary<DateOnly, OwnDay> days = [];
    private Dictionary<Payer, Usage> seen = [];
    private DateOnly day = DayOf(time.GetUtcNow());
    private DateTimeOffset since = time.GetUtcNow();
    private long? savedAt;

    /// <summary>The UTC day of a moment.</summary>
    public static DateOnly DayOf(DateTimeOffset moment) => DateOnly.FromDateTime(moment.UtcDateTime);

    /// <summary>
    /// Tells that something begins: what was used before belongs to the day on which that began. It costs nothing while the
    /// day is the same.
    /// </summary>
    public void Begin()
    {
        lock (gate)
        {
            if (DayOf(time.GetUtcNow()) != day)
            {
                Observe();
            }
        }
    }

    /// <summary>Writes what is new, if it was not written for <see cref="Every"/>, or was never written.</summary>
    /// <exception cref="StoreException">It is not written; the next call tries again.</exception>
    public async Task SaveIfDueAsync(CancellationToken cancellationToken)
    {
        lock (gate)
        {
            if (savedAt is { } last && time.GetElapsedTime(last) < Every)
            {
                return;
            }
        }
        await SaveAsync(cancellationToken);
    }

    /// <summary>Writes what is new: one request, one more for a day that is over.</summary>
    /// <exception cref="StoreException">It is not written; the next call tries again.</exception>
    public async Task SaveAsync(CancellationToken cancellationToken)
    {
        using var paid = Payers.By(Payer.Costs);
        await saving.WaitAsync(cancellationToken);
        try
        {
            lock (gate)
            {
                // Also when it fails: a store that is down is not asked by every invocation.
                savedAt = time.GetTimestamp();
            }
            for (var next = NextChanged(null); next is { } due; next = NextChanged(due.Day))
            {
                await WriteAsync(due, cancellationToken);
            }
        }
        finally
        {
            saving.Release();
        }
    }

    /// <summary>Removes rows of days that are too old: looks at one such day, at another each ten minutes.</summary>
    /// <exception cref="StoreException">The store cannot be used; a later call goes on.</exception>
    public Task RemoveOldAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var look = (int)(now.Ticks / LookEvery.Ticks % RemovedDays);
        return RemoveAsync(DayOf(now).AddDays(-KeptDays - 1 - look), cancellationToken);
    }

    /// <summary>What all processes have used, this one until now.</summary>
    /// <param name="from">The first day.</param>
    /// <param name="to">The last day.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="StoreException">The store cannot be read.</exception>
    public async Task<CostHistory> ReadAsync(DateOnly from, DateOnly to, CancellationToken cancellationToken)
    {
        var history = await CostHistory.ReadAsync(tables, from, to, cancellationToken);
        lock (gate)
        {
            Observe();
            return history.With(
                process,
                [.. days.Where(own => own.Key >= from && own.Key <= to).Select(own => (own.Key, RowOf(own.Value)))]
            );
        }
    }

    private async Task RemoveAsync(DateOnly old, CancellationToken cancellationToken)
    {
        using var paid = Payers.By(Payer.Costs);
        await DayCosts.RemoveAsync(tables, old, cancellationToken);
    }

    /// <summary>Puts what was used since the last time to the day of that time.</summary>
    private void Observe()
    {
        var now = time.GetUtcNow();
        var totals = meter.Totals();
        var own = days.TryGetValue(day, out var known)
            ? known
            : days[day] = new OwnDay { FromMs = since.ToUnixTimeMilliseconds() };
        foreach (var (payer, total) in totals)
        {
            var before = seen.GetValueOrDefault(payer, Usage.None);
            if (total != before)
            {
                own.Usages[payer] = own.Usages.GetValueOrDefault(payer, Usage.None) + (total - before);
            }
        }
        // By the clock, which may have been set back.
        own.UntilMs = Math.Max(own.FromMs, now.ToUnixTimeMilliseconds());
        seen = totals;
        if (DayOf(now) != day)
        {
            (day, since) = (DayOf(now), now);
        }
    }

    /// <summary>The next day of which something is not written, as it is to be written; null when there is none.</summary>
    private (DateOnly Day, CostRow Row)? NextChanged(DateOnly? after)
    {
        lock (gate)
        {
            Observe();
            foreach (var (key, own) in days.ToList())
            {
                if (!own.IsSaved && !(key <= after))
                {
                    return (key, RowOf(own, key == day));
                }
                // A clock that is set back comes to these again.
                if (own.IsSaved && key < day.AddDays(-RememberedDays))
                {
                    days.Remove(key);
                }
            }
            return null;
        }
    }

    private async Task WriteAsync((DateOnly Day, CostRow Row) next, CancellationToken cancellationToken)
    {
        try
        {
            await tables.CommitAsync(
                CostRow.Table,
                CostRow.PartitionOf(next.Day),
                [new TableWrite(TableAction.Replace, next.Row.Row, next.Row.Encode())],
                cancellationToken
            );
        }
        catch (Exception exception)
            when (exception
                    is not StoreException
                    {
                        Error: StoreError.Throttled
                            or StoreError.Denied
                            or StoreError.Rejected
                            or StoreError.Unusable
                            or StoreError.NotFound
                    }
            )
        {
            lock (gate)
            {
                // It may be there, or get there later: nothing else is written to this row.
                days[next.Day].Generation++;
            }
            throw;
        }
        lock (gate)
        {
            days[next.Day].Saved = next.Row.Usages;
        }
    }

    private CostRow RowOf(OwnDay own, bool withItsWrite = false)
    {
        var usages = new Dictionary<Payer, Usage>(own.Usages);
        if (withItsWrite)
        {
            usages[Payer.Costs] =
                usages.GetValueOrDefault(Payer.Costs, Usage.None)
                + new Usage { Operations = OperationCounts.Of(OperationClass.TableWrite, 1) };
        }
        return new CostRow(process, own.Generation, own.FromMs, own.UntilMs, usages);
    }

    /// <summary>What this process has used in a day.</summary>
    private sealed class OwnDay
    {
        public long FromMs { get; init; }

        public long UntilMs { get; set; }

        public int Generation { get; set; }

        public Dictionary<Payer, Usage> Usages { get; } = [];

        /// <summary>What its row says; null when there is none.</summary>
        public IReadOnlyDictionary<Payer, Usage>? Saved { get; set; }

        public bool IsSaved =>
            Saved is null
                ? Usages.Count == 0
                : Saved.Count == Usages.Count
                    && Usages.All(pair => Saved.TryGetValue(pair.Key, out var saved) && saved == pair.Value);
    }
}
