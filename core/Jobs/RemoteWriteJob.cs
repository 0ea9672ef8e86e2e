using Tributary.Binary;
using Tributary.Configuration;
using Tributary.Model;
using Tributary.RemoteWrite.Sending;
using Tributary.Storage.Manifest;
using Tributary.Stores;

namespace Tributary.Jobs;

/// <summary>Remote write: sends what the log holds to every destination of the configuration, behind a cursor for each.</summary>
/// <remarks>Safe for several threads; one destination has one run at a time.</remarks>
/// <param name="blobs">Where the log lies.</param>
/// <param name="tables">Where the cursors are.</param>
/// <param name="series">Makes equal series one object.</param>
/// <param name="client">How destinations are asked.</param>
/// <param name="time">The clock.</param>
public sealed class RemoteWriteJob(
    IBlobStore blobs,
    ITableStore tables,
    SeriesTable series,
    Func<RemoteWriteConfig, HttpMessageInvoker> client,
    TimeProvider time
)
{
    /// <summary>How often cursors of destinations that left are looked for.</summary>
    private static readonly TimeSpan CleanEvery = TimeSpan.FromHours(1);

    private readonly Lock gate = new();
    private readonly Dictionary<string, Run> runs = new(StringComparer.Ordinal);
    private TimeSpan maxAge = TimeSpan.FromHours(24);
    private long? cleaned;

    /// <summary>Receives what is refused and what fails, without secrets; called often while a destination is down.</summary>
    public Action<string> Warn { get; init; } = _ => { };

    /// <summary>What was done for each destination.</summary>
    public IReadOnlyList<DestinationFigures> Figures
    {
        get
        {
            lock (gate)
            {
                return
                [
                    .. runs
                        .Values.Select(run => run.Destination)
                        .Where(one => !one.IsRemoved)
                        .Select(one => one.Figures),
                ];
            }
        }
    }

    /// <summary>The destinations, by key, with how often each is to be run where timers run.</summary>
    public IReadOnlyList<(string Key, string Name, TimeSpan Every)> Destinations
    {
        get
        {
            lock (gate)
            {
                return
                [
                    .. runs.Where(run => !run.Value.Destination.IsRemoved)
                        .Select(run => (run.Key, run.Value.Destination.Config))
                        .Select(one => (one.Key, one.Config.Name, one.Config.Queue.BatchSendDeadline)),
                ];
            }
        }
    }

    /// <summary>Takes a configuration: destinations that stay keep their state.</summary>
    public void Configure(CollectorConfig config)
    {
        lock (gate)
        {
            maxAge = config.RemoteWriteMaxAge;
            var external = config.Global.ExternalLabels;
            foreach (var one in config.RemoteWrites)
            {
                if (runs.TryGetValue(one.Key, out var run) && !run.Destination.IsRemoved)
                {
                    run.Destination.Configure(one, external);
                    continue;
                }
                var store = (blobs, tables, series);
                runs[one.Key] = new Run(
                    new Destination(one, external, store, client, Warn, time),
                    run is { IsRunning: true } ? run : null
                );
            }
            var kept = config.RemoteWrites.Select(one => one.Key).ToHashSet(StringComparer.Ordinal);
            foreach (var run in runs.Where(run => !kept.Contains(run.Key)).Select(run => run.Value))
            {
                run.Destination.IsRemoved = true;
            }
            foreach (
                var key in runs.Where(run => run.Value is { IsRunning: false, Destination.IsRemoved: true }).ToList()
            )
            {
                runs.Remove(key.Key);
            }
        }
    }

    /// <summary>Sends what is new to all destinations, and lets other processes send afterwards.</summary>
    /// <param name="budget">After so long nothing more is begun.</param>
    /// <param name="cancellationToken">Ends it at once; what is under way may be sent again.</param>
    /// <exception cref="StoreException">The store cannot be used, for one of them at least; the next run goes on.</exception>
    public async Task RunAsync(TimeSpan budget, CancellationToken cancellationToken)
    {
        var all = Destinations.Select(one => RunAsync(one.Key, budget, keepsLease: false, cancellationToken));
        await Task.WhenAll(all.ToList());
        await CleanAsync(cancellationToken);
    }

    /// <summary>Sends what is new to one destination; nothing when it left, or its run before is not over.</summary>
    /// <param name="key">The destination.</param>
    /// <param name="budget">After so long nothing more is begun.</param>
    /// <param name="keepsLease">Whether this process goes on being its sender; it calls <see cref="ReleaseAsync"/> when it ends.</param>
    /// <param name="cancellationToken">Ends it at once; what is under way may be sent again.</param>
    /// <exception cref="StoreException">The store cannot be used; the next run goes on.</exception>
    public async Task RunAsync(string key, TimeSpan budget, bool keepsLease, CancellationToken cancellationToken)
    {
        using var paid = Payers.By(Payer.RemoteWrite);
        if (Begin(key) is not { } run)
        {
            return;
        }
        try
        {
            await run.Destination.RunAsync(budget, keepsLease, cancellationToken);
        }
        catch (CorruptDataException exception)
        {
            throw new StoreException(StoreError.Unusable, exception.Message, exception);
        }
        finally
        {
            await EndAsync(run);
        }
    }

    /// <summary>Begins nothing more; what is under way goes on. For the end of a process.</summary>
    public void End()
    {
        lock (gate)
        {
            foreach (var run in runs.Values)
            {
                run.Destination.IsRemoved = true;
            }
        }
    }

    /// <summary>Lets other processes send; for the end of a process that kept the leases.</summary>
    public async Task ReleaseAsync()
    {
        using var paid = Payers.By(Payer.RemoteWrite);
        List<Destination> idle;
        lock (gate)
        {
            idle = [.. runs.Values.Where(run => !run.IsRunning).Select(run => run.Destination)];
        }
        foreach (var destination in idle)
        {
            await destination.ReleaseAsync();
        }
    }

    /// <summary>Forgets destinations that are in no configuration: nobody has written their cursors for long.</summary>
    /// <exception cref="StoreException">The store cannot be used.</exception>
    public async Task CleanAsync(CancellationToken cancellationToken)
    {
        using var paid = Payers.By(Payer.RemoteWrite);
        if (cleaned is { } last && time.GetElapsedTime(last) < CleanEvery)
        {
            return;
        }
        cleaned = time.GetTimestamp();
        var table = new CursorTable(tables, time);
        var known = Destinations.Select(one => one.Key).ToHashSet(StringComparer.Ordinal);
        var others = (await ReadAllAsync(table, cancellationToken))
            .Where(cursor => !known.Contains(cursor.Key))
            .ToList();
        if (others.Count == 0)
        {
            return;
        }
        var now = await StoreClock.NowAsync(tables, time, cancellationToken);
        foreach (var cursor in others.Where(cursor => cursor.LastWritten + maxAge < now))
        {
            try
            {
                await table.RemoveAsync(cursor, cancellationToken);
            }
            catch (StoreException exception) when (exception.Error == StoreError.ConditionNotMet)
            {
                // Somebody sends to it after all.
            }
        }
    }

    private static async Task<IReadOnlyList<DestinationCursor>> ReadAllAsync(
        CursorTable table,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await table.ReadAllAsync(cancellationToken);
        }
        catch (CorruptDataException exception)
        {
            throw new StoreException(StoreError.Unusable, exception.Message, exception);
        }
    }

    private Run? Begin(string key)
    {
        lock (gate)
        {
            if (!runs.TryGetValue(key, out var run) || run.IsRunning || run.Before is { IsRunning: true })
            {
                return null;
            }
            run.IsRunning = true;
            return run;
        }
    }

    private async Task EndAsync(Run run)
    {
        if (run.Destination.IsRemoved)
        {
            await run.Destination.ReleaseAsync();
        }
        lock (gate)
        {
            run.IsRunning = false;
        }
    }

    /// <summary>A destination with its run.</summary>
    /// <param name="destination">The destination.</param>
    /// <param name="before">The run of the destination of this key that had left the configuration.</param>
    private sealed class Run(Destination destination, Run? before)
    {
        public Destination Destination => destination;

        public Run? Before => before;

        public bool IsRunning { get; set; }
    }
}
