using Tributary.Api;
using Tributary.Discovery;
using Tributary.Model;
using Tributary.RemoteWrite;
using Tributary.Scraping;
using Tributary.Storage.AppendLog;
using Tributary.Storage.Head;
using Tributary.Stores;

namespace Tributary.Jobs;

/// <summary>Receives what others write to us by remote write: reads requests, and puts what comes together into the log.</summary>
/// <remarks>
/// A request is acknowledged when its samples are in the log. Requests that wait for the log at the same time are one batch,
/// and batches begin a tenth of a second apart at least: the log costs by appends, and whoever reads it remembers each
/// batch. Samples that come again are the same samples, so whoever does not know what became of a request sends it again.
/// </remarks>
/// <param name="writer">Puts batches into the log.</param>
/// <param name="recent">Makes them visible in this process.</param>
/// <param name="series">Makes equal series one object.</param>
/// <param name="budget">What the series of all sources may take.</param>
/// <param name="process">What tells this process from others.</param>
/// <param name="time">The clock.</param>
/// <param name="limits">What a request may hold; null for the usual limits.</param>
internal sealed class ReceiveJob(
    LogWriter writer,
    RecentLog recent,
    SeriesTable series,
    SeriesBudget budget,
    uint process,
    TimeProvider time,
    WriteLimits? limits = null
)
{
    /// <summary>The time between the beginnings of two batches, at least.</summary>
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(100);

    private readonly Lock gate = new();
    private readonly string source = SourceKey.WriteOf(process);
    private readonly ReceiveCounts counts = new();
    private readonly WrittenSeries known = new(series, budget, limits ?? new());
    private readonly WrittenMetadata families = new(limits ?? new());
    private WriteRequestReader? readerV1;
    private WriteRequestV2Reader? readerV2;
    private ReceivedGroup filling = new();
    private ReceivedGroup? spare;
    private bool isWriting;
    private long lastTickMs;
    private long? lastBegan;

    /// <summary>How far back samples are accepted.</summary>
    public TimeSpan MaxAge { get; set; } = TimeSpan.FromHours(6);

    /// <summary>Told of requests of which something is not stored, in words for the log of this process.</summary>
    public Action<string>? Complained { get; set; }

    /// <summary>What a request may hold.</summary>
    public WriteLimits Limits { get; } = limits ?? new();

    /// <summary>The memory that requests take while they are received.</summary>
    public WriteRoom Room { get; init; } = WriteRoom.For(0);

    /// <summary>What this process received.</summary>
    public ReceiveTotals Totals => counts.Totals(known.Count);

    /// <summary>What senders say of metric families, sorted by name.</summary>
    public IReadOnlyList<MetricMetadata> Metadata => families.Current;

    /// <summary>Stores a request.</summary>
    /// <param name="message">The message, decompressed; it is not looked at any more when the call has returned its task.</param>
    /// <param name="isV2">Whether it is one of 2.0.</param>
    /// <param name="cancellationToken">Ends the waiting; what is written goes into the log all the same.</param>
    /// <returns>What is stored, all of it in the log, and what is not.</returns>
    /// <exception cref="WriteException">It is not taken; nothing of it is stored.</exception>
    /// <exception cref="Stores.StoreException">It is not known to be in the log, and may be sent again.</exception>
    public async Task<WriteTally> ReceiveAsync(
        ReadOnlyMemory<byte> message,
        bool isV2,
        CancellationToken cancellationToken
    )
    {
        var tally = new WriteTally();
        if (Read(message.Span, isV2, tally) is { } stored)
        {
            try
            {
                await stored.WaitAsync(cancellationToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                counts.Fail();
                throw;
            }
        }
        counts.Add(tally, message.Length);
        if (tally.HasProblems)
        {
            Complained?.Invoke(tally.Describe());
        }
        return tally;
    }

    /// <summary>Takes note of a request that is not taken.</summary>
    public void NoteRefused() => counts.Refuse();

    /// <summary>Takes notice of a batch that another process has written.</summary>
    public void Take(Batch batch) => families.Show(batch.Metadata);

    /// <summary>Gives back the memory of series that nobody writes any more.</summary>
    public void Tidy()
    {
        lock (gate)
        {
            known.Age(NowMs());
        }
    }

    /// <summary>Reads a request into the next batch.</summary>
    /// <returns>Ends with the batch; null when nothing is to be written.</returns>
    private Task? Read(ReadOnlySpan<byte> message, bool isV2, WriteTally tally)
    {
        Task done;
        lock (gate)
        {
            var group = filling;
            var (nowMs, before) = (NowMs(), group.Samples.Count);
            if (before >= Limits.MaxWaitingSamples)
            {
                throw new WriteException(
                    WriteRefusal.NoMemory,
                    "too many samples wait for the store at this moment: send these again a little later"
                );
            }
            var intake = new WriteIntake(
                group.Samples,
                tally,
                [],
                nowMs - (long)MaxAge.TotalMilliseconds,
                nowMs + (long)Limits.MaxAhead.TotalMilliseconds
            );
            try
            {
                ReaderOf(isV2, nowMs).Read(message, intake);
            }
            catch (WriteException)
            {
                group.Samples.Truncate(before);
                families.Forget(intake.Metadata);
                throw;
            }
            group.Metadata.AddRange(intake.Metadata);
            group.Bytes += message.Length;
            group.OutOfBounds += tally.CountOf(WriteProblem.TooOld) + tally.CountOf(WriteProblem.TooFarAhead);
            if (group.Samples.Count == before && intake.Metadata.Count == 0)
            {
                return null;
            }
            done = group.Done.Task;
            if (isWriting)
            {
                return done;
            }
            isWriting = true;
        }
        // Whoever finds nobody writing writes for all that come meanwhile. It never throws.
        _ = WriteAsync();
        return done;
    }

    private MessageReader ReaderOf(bool isV2, long nowMs)
    {
        known.Age(nowMs);
        return isV2
            ? readerV2 ??= new WriteRequestV2Reader(known, families, Limits)
            : readerV1 ??= new WriteRequestReader(known, families, Limits);
    }

    private async Task WriteAsync()
    {
        while (true)
        {
            if (lastBegan is { } began && Pace - time.GetElapsedTime(began) is { Ticks: > 0 } wait)
            {
                await Task.Delay(wait, time);
            }
            lastBegan = time.GetTimestamp();
            ReceivedGroup group;
            lock (gate)
            {
                if (filling.IsEmpty)
                {
                    isWriting = false;
                    return;
                }
                (group, filling, spare) = (filling, spare ?? new ReceivedGroup(), null);
            }
            await WriteAsync(group);
            lock (gate)
            {
                group.Clear();
                spare = group;
            }
        }
    }

    private async Task WriteAsync(ReceivedGroup group)
    {
        using var paid = Payers.By(Payer.Receive);
        try
        {
            var appended = await writer.AppendAsync([BatchOf(group)], CancellationToken.None);
            recent.Apply(appended);
            families.Show(group.Metadata);
        }
        catch (Exception exception)
        {
            // All of it belongs to those who wait.
            families.Forget(group.Metadata);
            group.Done.SetException(exception);
            return;
        }
        group.Done.SetResult();
    }

    private Batch BatchOf(ReceivedGroup group)
    {
        var nowMs = NowMs();
        // Never one twice: two batches of one tick would compete.
        lastTickMs = Math.Max(nowMs, lastTickMs + 1);
        return new Batch
        {
            Source = source,
            TickMs = lastTickMs,
            Report = new ScrapeReport
            {
                Verdict = Verdict.Complete,
                StartedMs = nowMs,
                BodyBytes = group.Bytes,
                Scraped = group.Samples.Count + group.OutOfBounds,
                PostRelabeling = group.Samples.Count,
                OutOfBounds = group.OutOfBounds,
            },
            Scraped = group.Samples.Columns(),
            Added = new SampleColumns(SeriesList.Empty, default, default),
            Metadata = [.. group.Metadata],
        };
    }

    private long NowMs() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
