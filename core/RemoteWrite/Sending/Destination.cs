using Tributary.Configuration;
using Tributary.Model;
using Tributary.Storage.AppendLog;
using Tributary.Storage.Manifest;
using Tributary.Stores;

namespace Tributary.RemoteWrite.Sending;

/// <summary>One destination: reads the log behind its cursor, sends what is new, and moves the cursor on.</summary>
/// <remarks>
/// <para>The cursor is moved behind every round, before the next one is sent: what a process that is killed has sent twice
/// in the end is one round at most. A round that is not taken stays in memory with what was taken of it, so that a
/// destination that is down for hours gets nothing twice either.</para>
/// <para>A lease lets one process send at a time. Nothing depends on it: two that send at once send some samples twice,
/// and each finds out from the cursor, and begins anew behind it.</para>
/// <para>Used by one caller at a time.</para>
/// </remarks>
internal sealed class Destination
{
    /// <summary>How long another process waits after this one was killed.</summary>
    private static readonly TimeSpan LeaseDuration = TimeSpan.FromSeconds(15);

    /// <summary>The most that is held for one round, in samples; a histogram is several.</summary>
    private const int MaxRound = 100_000;

    /// <summary>So many buckets of a histogram count as a sample.</summary>
    private const int BucketsPerSample = 8;

    /// <summary>Files that vanish while they are read are planned around so often in one run.</summary>
    private const int MaxPlans = 3;

    private readonly IBlobStore blobs;
    private readonly CursorTable table;
    private readonly SeriesTable series;
    private readonly TimeProvider time;
    private readonly Action<string> warn;
    private readonly DestinationSender sender;
    private readonly DestinationCounts counts;
    private readonly MetadataBook book = new();
    private volatile Settings settings;
    private LogQueue queue;
    private DestinationCursor? cursor;
    private CursorState? state;
    private WriteRound? round;
    private QueuedPart? current;
    private int next;
    private JobLease? lease;
    private long metadataTriedMs;

    /// <summary>What was acknowledged, and is not in the cursor yet.</summary>
    private readonly Dictionary<LogFileName, LogPosition> unsaved = [];

    /// <summary>A destination that has not done anything yet.</summary>
    public Destination(
        RemoteWriteConfig config,
        LabelSet external,
        (IBlobStore Blobs, ITableStore Tables, SeriesTable Series) store,
        Func<RemoteWriteConfig, HttpMessageInvoker> client,
        Action<string> warn,
        TimeProvider time
    )
    {
        (blobs, series) = (store.Blobs, store.Series);
        this.time = time;
        this.warn = text => warn($"remote write to {Config.Name}: {text}");
        table = new CursorTable(store.Tables, time);
        settings = new Settings(config, external);
        counts = new DestinationCounts(config.Name, AddressOf(config.Url));
        sender = new DestinationSender(client, counts, book, this.warn, time);
        queue = NewQueue();
    }

    /// <summary>The settings in use.</summary>
    public RemoteWriteConfig Config => settings.Config;

    /// <summary>What was done.</summary>
    public DestinationFigures Figures => counts.Now;

    /// <summary>Set when it left the configuration: nothing more is begun.</summary>
    public bool IsRemoved { get; set; }

    /// <summary>Takes other settings; what is under way goes on with those before.</summary>
    public void Configure(RemoteWriteConfig config, LabelSet external)
    {
        settings = new Settings(config, external);
        counts.Add(now => now with { Name = config.Name, Url = AddressOf(config.Url) });
    }

    /// <summary>Sends what is new.</summary>
    /// <param name="budget">After so long nothing more is begun.</param>
    /// <param name="keepsLease">Whether this process goes on being the sender afterwards.</param>
    /// <param name="cancellationToken">Ends it at once; what is under way may be sent again.</param>
    /// <exception cref="StoreException">The store cannot be used; the next run goes on.</exception>
    /// <exception cref="Tributary.Binary.CorruptDataException">A row of the cursor cannot be read.</exception>
    public async Task RunAsync(TimeSpan budget, bool keepsLease, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        if (!await TakeLeaseAsync(cancellationToken))
        {
            return;
        }
        try
        {
            await lease!.WhileAsync(
                async () =>
                {
                    await RunAsync(
                        pause => !IsRemoved && time.GetElapsedTime(started) + pause < budget,
                        cancellationToken
                    );
                    return true;
                },
                time,
                cancellationToken
            );
        }
        finally
        {
            if (!keepsLease || IsRemoved)
            {
                await ReleaseAsync();
            }
        }
    }

    /// <summary>Lets another process send.</summary>
    public async Task ReleaseAsync()
    {
        if (lease is { } held)
        {
            lease = null;
            counts.Add(now => now with { IsSender = false });
            await held.ReleaseAsync(CancellationToken.None);
        }
    }

    /// <summary>Becomes the one that sends, when there is something to be sent.</summary>
    private async Task<bool> TakeLeaseAsync(CancellationToken cancellationToken)
    {
        if (lease is not null)
        {
            if (!lease.IsLost && await lease.RenewAsync(cancellationToken))
            {
                if (state is null)
                {
                    // Somebody removed it, for whom it had left the configuration.
                    await LoadAsync(cancellationToken);
                }
                return true;
            }
            lease = null;
        }
        counts.Add(now => now with { IsSender = false });
        var before = await table.ReadAsync(Config.Key, cancellationToken);
        if (before.State is not null && !await HasWorkAsync(before, cancellationToken))
        {
            return false;
        }
        var name = $"remote-write-{Config.Key}";
        lease = await JobLease.TryTakeAsync(blobs, name, LeaseDuration, cancellationToken);
        if (lease is null)
        {
            return false;
        }
        counts.Add(now => now with { IsSender = true });
        await LoadAsync(cancellationToken);
        return true;
    }

    private async Task<bool> HasWorkAsync(DestinationCursor before, CancellationToken cancellationToken)
    {
        var log = await LogListing.AllAsync(blobs, cancellationToken);
        var pending = log.Where(before.Wants).Sum(file => file.Blob.LengthBytes - before.PositionOf(file.Name).Bytes);
        counts.Add(now => now with { PendingBytes = pending });
        return pending > 0 || round is not null;
    }

    /// <summary>Reads the cursor under the lease, and begins the destination when there is none.</summary>
    private async Task LoadAsync(CancellationToken cancellationToken)
    {
        var found = await table.ReadAsync(Config.Key, cancellationToken);
        if (found.State is null)
        {
            // The cursor first, then the list: a file that is missing in the list is gone.
            var log = await LogListing.AllAsync(blobs, cancellationToken);
            var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
            found = await table.BeginAsync(found, new CursorState(Config.Name, nowMs), log, cancellationToken);
        }
        if (cursor is null || !cursor.IsSame(found))
        {
            Forget();
        }
        (cursor, state) = (found, found.State);
    }

    private void Forget()
    {
        (round, current, next) = (null, null, 0);
        queue = NewQueue();
        unsaved.Clear();
    }

    private async Task RunAsync(Func<TimeSpan, bool> mayWait, CancellationToken cancellationToken)
    {
        if (state is null || NowMs < Math.Max(state.NotBeforeMs, sender.NotBeforeMs))
        {
            return;
        }
        for (var plans = 1; ; plans++)
        {
            try
            {
                var log = await LogListing.AllAsync(blobs, cancellationToken);
                if (round is null)
                {
                    Plan(log);
                }
                await SendAllAsync(log, mayWait, cancellationToken);
                return;
            }
            catch (StoreException exception) when (exception.Error == StoreError.NotFound && plans < MaxPlans)
            {
                // A file was deleted between list and read.
                await StartOverAsync(cancellationToken);
            }
        }
    }

    /// <summary>Nothing of what was read was sent yet: everything behind the cursor is read anew.</summary>
    private async Task StartOverAsync(CancellationToken cancellationToken)
    {
        Forget();
        await LoadAsync(cancellationToken);
    }

    private void Plan(IReadOnlyList<PlannedLogFile> log)
    {
        var lost = queue.Plan(log, cursor!);
        if (lost.Count > 0)
        {
            counts.Add(now => now with { LostFiles = now.LostFiles + lost.Count });
            warn($"{lost.Count} log files were deleted before it had taken them, such as {lost[0]}");
        }
        counts.Add(now => now with { PendingBytes = queue.PendingBytes });
    }

    private async Task SendAllAsync(
        IReadOnlyList<PlannedLogFile> log,
        Func<TimeSpan, bool> mayWait,
        CancellationToken cancellationToken
    )
    {
        while (true)
        {
            var config = Config;
            round ??= await FillAsync(config, cancellationToken);
            if (round.Shards.Count > 0)
            {
                await SendMetadataAsync(config, cancellationToken);
            }
            if (!await sender.SendAsync(config, round, MayGoOn, cancellationToken))
            {
                await RememberPauseAsync(cancellationToken);
                return;
            }
            var hadSamples = round.Shards.Count > 0;
            await AdvanceAsync(log, cancellationToken);
            round = null;
            counts.Add(now => now with { PendingBytes = queue.PendingBytes });
            if (!hadSamples || !MayGoOn(TimeSpan.Zero) || state is null)
            {
                return;
            }
        }

        bool MayGoOn(TimeSpan pause) => lease is { IsLost: false } && mayWait(pause);
    }

    /// <summary>Takes samples until a round is full, or there are no more; what is taken is in the round, or read again.</summary>
    private async Task<WriteRound> FillAsync(RemoteWriteConfig config, CancellationToken cancellationToken)
    {
        var isFilled = false;
        try
        {
            var filled = await TakeAsync(config, cancellationToken);
            isFilled = true;
            return filled;
        }
        finally
        {
            if (!isFilled)
            {
                Forget();
            }
        }
    }

    private async Task<WriteRound> TakeAsync(RemoteWriteConfig config, CancellationToken cancellationToken)
    {
        var samples = new List<QueuedSample>();
        var (byRules, asHistograms) = (0, 0);
        var perShard = Math.Min(config.Queue.Capacity, config.Queue.MaxSamplesPerSend);
        var limit = Math.Min((long)config.Queue.MaxShards * perShard, MaxRound);
        var outgoing = settings.Series;
        for (var weight = 0L; weight < limit; )
        {
            if (current is null)
            {
                current = await queue.NextAsync(cancellationToken);
                next = 0;
                if (current is null)
                {
                    break;
                }
            }
            for (; next < current.Samples.Count && weight < limit; next++)
            {
                var sample = current.Samples[next];
                if (sample.Histogram is not null && !config.SendNativeHistograms)
                {
                    asHistograms++;
                }
                else if (outgoing.Of(sample.Series) is { } labels)
                {
                    samples.Add(sample with { Series = labels });
                    weight += 1 + ((sample.Histogram?.Layout.BucketCount ?? 0) / BucketsPerSample);
                }
                else
                {
                    byRules++;
                }
            }
            current = next < current.Samples.Count ? current : null;
        }
        counts.Add(now =>
            now with
            {
                DroppedByRules = now.DroppedByRules + byRules,
                DroppedHistograms = now.DroppedHistograms + asHistograms,
            }
        );
        return WriteRound.Of(samples, perShard, config.Queue.MinShards, config.Queue.MaxShards);
    }

    private async Task SendMetadataAsync(RemoteWriteConfig config, CancellationToken cancellationToken)
    {
        var last = Math.Max(metadataTriedMs, state!.MetadataSentMs);
        if (
            config.Metadata.IsSent
            && !sender.UsesVersion2(config)
            && NowMs - last >= (long)config.Metadata.Interval.TotalMilliseconds
            && book.Count > 0
        )
        {
            metadataTriedMs = NowMs;
            state = state with { MetadataSentMs = metadataTriedMs };
            await sender.SendMetadataAsync(config, cancellationToken);
        }
    }

    /// <summary>Takes note of what was acknowledged: everything that was read, but for what is left of the part under way.</summary>
    private async Task AdvanceAsync(IReadOnlyList<PlannedLogFile> log, CancellationToken cancellationToken)
    {
        foreach (var (file, position) in queue.TakePositions())
        {
            var place =
                current is { } part && part.File == file
                    ? new LogPosition(part.BeginPosition.Bytes, part.Samples[next].Index)
                    : position;
            if (place.CompareTo(cursor!.PositionOf(file)) > 0)
            {
                unsaved[file] = place;
            }
        }
        var listed = log.Select(file => file.Name).ToHashSet();
        var gone = cursor!.Files.Where(file => !listed.Contains(file)).ToList();
        state = state! with { NotBeforeMs = 0 };
        cursor = await table.AdvanceAsync(cursor, unsaved, gone, state, cancellationToken);
        unsaved.Clear();
        state = cursor.State;
    }

    /// <summary>The pause that the destination asked for holds for other processes, too.</summary>
    private async Task RememberPauseAsync(CancellationToken cancellationToken)
    {
        if (sender.NotBeforeMs > NowMs && sender.NotBeforeMs != state!.NotBeforeMs)
        {
            state = state with { NotBeforeMs = sender.NotBeforeMs };
            cursor = await table.AdvanceAsync(cursor!, NoPositions, [], state, cancellationToken);
            state = cursor.State;
        }
    }

    private static Dictionary<LogFileName, LogPosition> NoPositions { get; } = [];

    private LogQueue NewQueue() =>
        new(blobs, series)
        {
            OnMetadata = book.Add,
            OnDamage = problem => warn($"what is behind the damage in a log file is not sent: {problem}"),
        };

    private long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>An address without what may be secret in it.</summary>
    private static string AddressOf(Uri url) =>
        url.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);

    /// <summary>Settings, with what follows from them.</summary>
    private sealed class Settings(RemoteWriteConfig config, LabelSet external)
    {
        public RemoteWriteConfig Config => config;

        public OutgoingSeries Series { get; } = new(external, config.RelabelConfigs);
    }
}
