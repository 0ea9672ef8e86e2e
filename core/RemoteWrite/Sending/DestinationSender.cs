using System.Collections.Concurrent;
using Tributary.Configuration;

namespace Tributary.RemoteWrite.Sending;

/// <summary>Sends rounds and metadata to one destination: parallel, with pauses between tries.</summary>
/// <param name="client">How clients are had.</param>
/// <param name="counts">What was done.</param>
/// <param name="metadata">What is known of families.</param>
/// <param name="warn">Says what is refused and what fails.</param>
/// <param name="time">The clock.</param>
internal sealed class DestinationSender(
    Func<RemoteWriteConfig, HttpMessageInvoker> client,
    DestinationCounts counts,
    MetadataBook metadata,
    Action<string> warn,
    TimeProvider time
)
{
    private readonly ConcurrentBag<(WriteMessage Message, MessageWriter Writer)> idle = [];

    /// <summary>The destination turned out not to speak 2.0.</summary>
    private volatile bool isOlder;

    /// <summary>The destination asked not to be asked before; 0 without.</summary>
    public long NotBeforeMs { get; private set; }

    /// <summary>Whether it is asked in the message of 2.0.</summary>
    public bool UsesVersion2(RemoteWriteConfig config) => config.UsesVersion2 && !isOlder;

    /// <summary>Sends a round, or what is left of it.</summary>
    /// <param name="config">The destination.</param>
    /// <param name="round">The round.</param>
    /// <param name="mayWait">Whether a pause of so long may be waited for.</param>
    /// <param name="cancellationToken">Ends it at once; what is under way may have been taken or not.</param>
    /// <returns>Whether all of it is done.</returns>
    public async Task<bool> SendAsync(
        RemoteWriteConfig config,
        WriteRound round,
        Func<TimeSpan, bool> mayWait,
        CancellationToken cancellationToken
    )
    {
        counts.Add(figures => figures with { Shards = round.Shards.Count });
        await Task.WhenAll(round.Shards.Select(shard => SendAsync(config, shard, mayWait, cancellationToken)));
        return round.IsDone;
    }

    /// <summary>Sends metadata by itself, as 1.0 has it. What is not taken is not sent again before the next time.</summary>
    public async Task SendMetadataAsync(RemoteWriteConfig config, CancellationToken cancellationToken)
    {
        foreach (var families in metadata.All.Chunk(config.Metadata.MaxPerSend))
        {
            var message = new WriteRequestWriter();
            foreach (var family in families)
            {
                message.Add(family);
            }
            var write = new WriteClient(config, client(config), time);
            var (outcome, bytes) = await write.SendAsync(message, attempt: 0, cancellationToken);
            if (outcome.Kind == WriteOutcomeKind.Taken)
            {
                counts.Add(now => now with { Metadata = now.Metadata + families.Length, Bytes = now.Bytes + bytes });
            }
            else
            {
                counts.Add(now => now with { MetadataFailed = now.MetadataFailed + families.Length });
                warn($"{families.Length} metadata entries were not taken: {outcome.Problem}");
                return;
            }
        }
    }

    private async Task SendAsync(
        RemoteWriteConfig config,
        WriteShard shard,
        Func<TimeSpan, bool> mayWait,
        CancellationToken cancellationToken
    )
    {
        while (!shard.IsDone)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var samples = shard.Next(config.Queue.MaxSamplesPerSend);
            var outcome = await SendAsync(config, samples, shard.Attempts, cancellationToken);
            if (outcome.Kind == WriteOutcomeKind.Later)
            {
                if (!await PauseAsync(config.Queue, shard, samples.Count, outcome, mayWait, cancellationToken))
                {
                    return;
                }
                continue;
            }
            NotBeforeMs = 0;
            shard.Done += samples.Count;
            (shard.Attempts, shard.Backoff) = (0, TimeSpan.Zero);
        }
    }

    private async Task<WriteOutcome> SendAsync(
        RemoteWriteConfig config,
        List<QueuedSample> samples,
        int attempt,
        CancellationToken cancellationToken
    )
    {
        var isVersion2 = UsesVersion2(config);
        var (message, writer) = Take(isVersion2);
        var oldestMs = config.Queue.SampleAgeLimit is { } limit
            ? (time.GetUtcNow() - limit).ToUnixTimeMilliseconds()
            : long.MinValue;
        var old = writer.Write(message, samples, oldestMs, isVersion2 && config.Metadata.IsSent ? metadata : null);
        var (floats, histograms, told) = (message.Samples, message.Histograms, message.Metadata);
        if (floats + histograms == 0)
        {
            idle.Add((message, writer));
            counts.Add(now => now with { DroppedAsOld = now.DroppedAsOld + old });
            return new WriteOutcome(WriteOutcomeKind.Taken);
        }
        var (outcome, bytes) = await new WriteClient(config, client(config), time).SendAsync(
            message,
            attempt,
            cancellationToken
        );
        idle.Add((message, writer));
        switch (outcome.Kind)
        {
            case WriteOutcomeKind.OlderMessage:
                isOlder = true;
                warn($"{outcome.Problem}; it is asked in 1.0 from now on");
                return await SendAsync(config, samples, attempt, cancellationToken);
            case WriteOutcomeKind.Taken:
                var newest = samples.Max(sample => sample.TimestampMs);
                counts.Add(now =>
                    now with
                    {
                        Samples = now.Samples + floats,
                        Histograms = now.Histograms + histograms,
                        Metadata = now.Metadata + told,
                        Bytes = now.Bytes + bytes,
                        DroppedAsOld = now.DroppedAsOld + old,
                        HighestSentMs = Math.Max(now.HighestSentMs, newest),
                        Error = "",
                    }
                );
                break;
            case WriteOutcomeKind.Refused:
                warn($"{floats + histograms} samples were refused, and are passed: {outcome.Problem}");
                counts.Add(now =>
                    now with
                    {
                        SamplesFailed = now.SamplesFailed + floats,
                        HistogramsFailed = now.HistogramsFailed + histograms,
                        DroppedAsOld = now.DroppedAsOld + old,
                        Error = "",
                    }
                );
                break;
        }
        return outcome;
    }

    /// <summary>Waits until a request is to be tried again. False: not in this run.</summary>
    private async Task<bool> PauseAsync(
        WriteQueueConfig queue,
        WriteShard shard,
        int samples,
        WriteOutcome outcome,
        Func<TimeSpan, bool> mayWait,
        CancellationToken cancellationToken
    )
    {
        var doubled = shard.Attempts == 0 ? queue.MinBackoff : shard.Backoff * 2;
        shard.Backoff = doubled < queue.MaxBackoff ? doubled : queue.MaxBackoff;
        shard.Attempts++;
        var pause = outcome.RetryAfter ?? shard.Backoff;
        counts.Add(now => now with { Retried = now.Retried + samples, Error = outcome.Problem });
        warn($"it takes nothing, and is tried again: {outcome.Problem}");
        if (outcome.RetryAfter is not null)
        {
            NotBeforeMs = (time.GetUtcNow() + pause).ToUnixTimeMilliseconds();
        }
        if (!mayWait(pause))
        {
            return false;
        }
        await Task.Delay(pause, time, cancellationToken);
        return true;
    }

    /// <summary>A message of the right kind; those of the other are let go.</summary>
    private (WriteMessage Message, MessageWriter Writer) Take(bool isVersion2)
    {
        while (idle.TryTake(out var found))
        {
            if (found.Message is WriteRequestV2Writer == isVersion2)
            {
                return found;
            }
        }
        return (isVersion2 ? new WriteRequestV2Writer() : new WriteRequestWriter(), new MessageWriter());
    }
}
