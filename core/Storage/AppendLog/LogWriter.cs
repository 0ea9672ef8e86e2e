using Tributary.Discovery;
using Tributary.Model;
using Tributary.Stores;

namespace Tributary.Storage.AppendLog;

/// <summary>Puts batches into the log: one open file per window, one append for all batches that are ready together.</summary>
/// <remarks>
/// A batch is acknowledged when the call returns: all its parts are in, the one with the report last. When the call throws,
/// some may be in and some may not; a batch without its report part moves nothing but its samples.
/// </remarks>
/// <param name="blobs">Where the log lies.</param>
/// <param name="time">The clock of delays and of file names.</param>
/// <param name="newWriter">Makes the identifier of a new file; never the same twice.</param>
public sealed class LogWriter(IBlobStore blobs, TimeProvider time, Func<Ulid> newWriter)
{
    private const int MaxFilesPerGroup = 5;
    private static readonly long IdleMs = (long)TimeSpan.FromMinutes(30).TotalMilliseconds;

    private readonly Lock gate = new();
    private readonly Dictionary<Window, LogFile> files = [];
    private readonly Dictionary<string, Dictionary<string, MetricMetadata>> metadata = new(StringComparer.Ordinal);
    private readonly HashSet<LogFileName> own = [];
    private List<Waiting> waiting = [];
    private bool writing;

    /// <summary>What was done so far.</summary>
    public LogWriterCounts Counts { get; private set; }

    /// <summary>How much goes into one append and one file.</summary>
    internal LogLimits Limits { get; init; } = new();

    /// <summary>Told of every batch as soon as it is known to be in, before whoever appended it.</summary>
    internal Action<AppendedBatch>? Acknowledged { get; init; }

    /// <summary>Whether all that a file holds went through this writer and was acknowledged.</summary>
    public bool IsOwn(LogFileName file)
    {
        lock (gate)
        {
            return own.Contains(file);
        }
    }

    /// <summary>Appends batches, together with those of other callers that wait at this moment.</summary>
    /// <exception cref="StoreException">The store cannot be used; nothing of these batches is acknowledged.</exception>
    public async Task<IReadOnlyList<AppendedBatch>> AppendAsync(
        IReadOnlyList<Batch> batches,
        CancellationToken cancellationToken
    )
    {
        cancellationToken.ThrowIfCancellationRequested();
        var mine = new Waiting(batches, Payers.Current[0]);
        if (Join(mine))
        {
            while (TakeWaiting() is { } group)
            {
                await WriteAsync(group);
            }
        }
        return await mine.Done.Task;
    }

    /// <summary>Queues a caller. True: nobody writes, so this caller writes for all that wait.</summary>
    private bool Join(Waiting caller)
    {
        lock (gate)
        {
            waiting.Add(caller);
            var isFirst = !writing;
            writing = true;
            return isFirst;
        }
    }

    private List<Waiting>? TakeWaiting()
    {
        lock (gate)
        {
            if (waiting.Count == 0)
            {
                writing = false;
                return null;
            }
            var taken = waiting;
            waiting = [];
            return taken;
        }
    }

    private async Task WriteAsync(List<Waiting> group)
    {
        try
        {
            // No caller's token: the batches of the others are in the same append. The tries end by themselves.
            var appended = await WriteBatchesAsync(group, CancellationToken.None);
            foreach (var batch in appended.Values)
            {
                Acknowledged?.Invoke(batch);
            }
            foreach (var caller in group)
            {
                caller.Done.SetResult([.. caller.Batches.Select(batch => appended[batch])]);
            }
        }
        catch (Exception exception)
        {
            foreach (var caller in group)
            {
                caller.Done.TrySetException(exception);
            }
        }
    }

    private async Task<Dictionary<Batch, AppendedBatch>> WriteBatchesAsync(
        List<Waiting> group,
        CancellationToken cancellationToken
    )
    {
        ForgetIdle();
        var parts = new List<BatchPart>();
        foreach (var caller in group)
        {
            foreach (var batch in caller.Batches)
            {
                Remember(batch);
                parts.AddRange(BatchPart.Split(batch, caller.Payer.For(SourceKey.Plain(batch.Source))));
            }
        }
        var written = new List<LogFileName>();
        try
        {
            return await WriteAsync(parts, written, cancellationToken);
        }
        catch
        {
            Leave(written);
            throw;
        }
    }

    private async Task<Dictionary<Batch, AppendedBatch>> WriteAsync(
        List<BatchPart> parts,
        List<LogFileName> written,
        CancellationToken cancellationToken
    )
    {
        var others = new Dictionary<Batch, List<LogFileName>>(ReferenceEqualityComparer.Instance);
        foreach (var group in parts.Where(part => !part.HasReport).GroupBy(part => part.Window))
        {
            var (file, _) = await WriteGroupAsync(group.Key, [.. group], _ => [], cancellationToken);
            written.Add(file);
            foreach (var part in group)
            {
                (others.TryGetValue(part.Batch, out var list) ? list : others[part.Batch] = []).Add(file);
            }
        }
        var appended = new Dictionary<Batch, AppendedBatch>(ReferenceEqualityComparer.Instance);
        foreach (var group in parts.Where(part => part.HasReport).GroupBy(part => part.Window))
        {
            var (file, offset) = await WriteGroupAsync(group.Key, [.. group], OthersOf, cancellationToken);
            written.Add(file);
            foreach (var part in group)
            {
                appended[part.Batch] = new AppendedBatch(part.Batch, file, offset, OthersOf(part.Batch));
            }
        }
        return appended;

        IReadOnlyList<LogFileName> OthersOf(Batch batch) => others.TryGetValue(batch, out var list) ? list : [];
    }

    private async Task<(LogFileName File, long Offset)> WriteGroupAsync(
        Window window,
        IReadOnlyList<BatchPart> parts,
        Func<Batch, IReadOnlyList<LogFileName>> others,
        CancellationToken cancellationToken
    )
    {
        for (var tries = 0; tries < MaxFilesPerGroup; tries++)
        {
            var file = await OpenAsync(window, cancellationToken);
            var before = (file.LengthBytes, file.Appends, file.Retries);
            var blocks = file.Encoder.Encode(parts, MetadataOf, others);
            using var paid = Payers.By(PayersOf(parts, blocks));
            var isIn = false;
            try
            {
                isIn = await file.AppendAsync(blocks, cancellationToken);
            }
            finally
            {
                Own(file.Name, !file.IsLeft || isIn);
                Count(parts, isIn ? blocks.Length : 0, file.Appends - before.Appends, file.Retries - before.Retries);
            }
            if (isIn)
            {
                return (file.Name, before.LengthBytes);
            }
        }
        throw new StoreException(
            StoreError.Unusable,
            $"log: lost the place in {MaxFilesPerGroup} files of window {window.StartMs} in a row; "
                + "is something else writing, sealing or deleting files under log/?"
        );
    }

    /// <summary>Those whose parts they are share an append by the bytes of each.</summary>
    private static Payers PayersOf(IReadOnlyList<BatchPart> parts, LogBlocks blocks)
    {
        var bytes = new Dictionary<Payer, long>();
        for (var i = 0; i < parts.Count; i++)
        {
            var payer = parts[i].Payer;
            bytes[payer] = bytes.GetValueOrDefault(payer) + blocks.BytesOf(i);
        }
        return Payers.Of([.. bytes.Select(share => (share.Key, share.Value))]);
    }

    /// <summary>The window's open file; a file that was left is sealed first.</summary>
    private async Task<LogFile> OpenAsync(Window window, CancellationToken cancellationToken)
    {
        if (files.TryGetValue(window, out var file))
        {
            if (!file.IsLeft && !file.IsFull)
            {
                return file;
            }
            await file.SealAsync(cancellationToken);
            files.Remove(window);
        }
        for (var tries = 1; ; tries++)
        {
            var name = new LogFileName(window, newWriter());
            try
            {
                await blobs.CreateAppendAsync(name.ToString(), CancellationToken.None);
                file = new LogFile(name, blobs, time, Limits);
                files.Add(window, file);
                Counts = Counts with { Files = Counts.Files + 1 };
                return file;
            }
            catch (StoreException exception)
                when (tries < MaxFilesPerGroup
                    && exception.Error is StoreError.Unknown or StoreError.ConditionNotMet or StoreError.Throttled
                )
            {
                // Whether it exists now or not, the name is not used again.
                await Task.Delay(TimeSpan.FromMilliseconds(50 << tries), time, cancellationToken);
            }
        }
    }

    /// <summary>
    /// Leaves files that hold parts which are not acknowledged: they are read like another writer's, and no second attempt
    /// at the same batch gets into them.
    /// </summary>
    private void Leave(List<LogFileName> written)
    {
        foreach (var name in written)
        {
            if (files.TryGetValue(name.Window, out var file) && file.Name == name)
            {
                file.Leave();
            }
            Own(name, acknowledged: false);
        }
    }

    private void Own(LogFileName file, bool acknowledged)
    {
        lock (gate)
        {
            own.RemoveWhere(old => old.Window.EndMs < file.Window.StartMs - (12 * Window.LengthMs));
            _ = acknowledged ? own.Add(file) : own.Remove(file);
        }
    }

    /// <summary>Takes note of the metadata of a batch that is in the log: each file repeats all that is known of its sources.</summary>
    public void Remember(Batch batch)
    {
        if (batch.Metadata.Count == 0)
        {
            return;
        }
        lock (gate)
        {
            if (!metadata.TryGetValue(batch.Source, out var families))
            {
                metadata.Add(batch.Source, families = new(StringComparer.Ordinal));
            }
            foreach (var family in batch.Metadata)
            {
                families[family.Family] = family;
            }
        }
    }

    private IEnumerable<MetricMetadata> MetadataOf(string source)
    {
        lock (gate)
        {
            return metadata.TryGetValue(source, out var families) ? [.. families.Values] : [];
        }
    }

    /// <summary>Drops the files of windows that are over and quiet; whoever compacts them seals them.</summary>
    private void ForgetIdle()
    {
        var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        foreach (var (window, file) in files)
        {
            if (!file.IsLeft && window.EndMs < nowMs && file.LastUsedMs < nowMs - IdleMs)
            {
                files.Remove(window);
            }
        }
    }

    private void Count(IReadOnlyList<BatchPart> parts, int bytes, int appends, long retries) =>
        Counts = Counts with
        {
            Samples =
                Counts.Samples + (bytes == 0 ? 0 : parts.Sum(part => (long)part.Scraped.Count + part.Added.Count)),
            Bytes = Counts.Bytes + bytes,
            Appends = Counts.Appends + appends,
            Retries = Counts.Retries + retries,
            LostPlaces = Counts.LostPlaces + (bytes == 0 ? 1 : 0),
        };

    private sealed record Waiting(IReadOnlyList<Batch> Batches, Payer Payer)
    {
        public TaskCompletionSource<IReadOnlyList<AppendedBatch>> Done { get; } = new();
    }
}
