using Tributary.Binary;
using Tributary.Storage.AppendLog;
using Tributary.Storage.Blocks;
using Tributary.Storage.Manifest;
using Tributary.Stores;

namespace Tributary.Storage.Compaction;

/// <summary>Makes a block of level 1 of the sealed log files of one window.</summary>
/// <param name="blobs">Where log and blocks lie.</param>
/// <param name="options">What it may use.</param>
internal sealed class LogCompaction(IBlobStore blobs, CompactionOptions options)
{
    /// <summary>Of the memory, the part that is for chunks; the rest is for series, pieces of files and what is uploaded.</summary>
    private const int ChunksPart = 4;

    /// <summary>Writes the block; null when no sample is left for it.</summary>
    /// <exception cref="CorruptDataException">A log file breaks the format; it names the file.</exception>
    /// <exception cref="StoreException">The store cannot be used.</exception>
    public async Task<WrittenBlock?> WriteAsync(BlockTask task, CancellationToken cancellationToken)
    {
        var ledger = new BatchLedger();
        using var sorted = await CatalogAsync(task, ledger, cancellationToken);
        if (sorted.Count == 0)
        {
            return null;
        }
        Garbage.GiveBack(sorted.Count);
        using var block = new BlockWriter(
            blobs,
            BlockMetaDescription.MetaOf(task, options.StoreId),
            sorted.Symbols,
            options.Writing
        );
        await block.BeginAsync(cancellationToken);
        await WriteSeriesAsync(task, ledger, sorted, block, cancellationToken);
        Garbage.GiveBack(sorted.Count);
        return block.SeriesCount == 0 ? null : WrittenBlock.Of(await block.FinishAsync(cancellationToken));
    }

    /// <summary>Reads the samples of as many series as fit into memory, range by range, and writes them.</summary>
    private async Task WriteSeriesAsync(
        BlockTask task,
        BatchLedger ledger,
        SortedSeries sorted,
        BlockWriter block,
        CancellationToken cancellationToken
    )
    {
        var deleted = new DeletedSeries(task.Deletes, sorted);
        var merger = new ChunkMerger(block, ConflictRule.ByValue, encodesAnew: true, ["log"]);
        var series = sorted.Read();
        var memory = options.MemoryBytes / ChunksPart;
        var room = options with { MaxTemporaryBytes = options.MaxTemporaryBytes - sorted.TemporaryBytes };
        var most = RunBuilder.MostSeries(memory);
        using var runs = new RunBuilder(memory);
        for (var first = 0; first < sorted.Count; first += most)
        {
            runs.Begin(first, Math.Min(most, sorted.Count - first), room);
            await FillAsync(task, ledger, sorted, deleted, runs, cancellationToken);
            for (var id = 0; id < most && series.MoveNext(); id++)
            {
                block.BeginSeries(series.Labels);
                runs.Take(id, merger);
                merger.Write();
                block.EndSeries();
                if (block.WantsFlush)
                {
                    await block.FlushAsync(cancellationToken);
                }
            }
        }
    }

    /// <summary>The first reading: all series, and which batch of a tick counts, which is decided among all files.</summary>
    private async Task<SortedSeries> CatalogAsync(
        BlockTask task,
        BatchLedger ledger,
        CancellationToken cancellationToken
    )
    {
        using var catalog = new SeriesCatalog(options);
        foreach (var file in task.LogFiles)
        {
            var decoder = new LogDecoder(file.Name, catalog.Begin());
            await ReadAsync(file, decoder, part => ledger.Offer(part), cancellationToken);
            catalog.End();
            Garbage.GiveBack(decoder.SeriesCount);
        }
        return catalog.Sort();
    }

    /// <summary>A further reading: the samples of a range of series.</summary>
    private async Task FillAsync(
        BlockTask task,
        BatchLedger ledger,
        SortedSeries sorted,
        DeletedSeries deleted,
        RunBuilder runs,
        CancellationToken cancellationToken
    )
    {
        foreach (var (file, labels) in task.LogFiles.Zip(sorted.Files()))
        {
            var decoder = new LogDecoder(file.Name, labels);
            var states = new SlotMap<ColumnState>();
            await ReadAsync(file, decoder, Take, cancellationToken);
            Garbage.GiveBack(decoder.SeriesCount);

            void Take(LogPart part)
            {
                var counts = ledger.Counts(part);
                foreach (var column in part.Columns)
                {
                    // Also of one that does not count, because later ones are written as differences to it.
                    var columns = decoder.Decode(column, states);
                    if (counts)
                    {
                        runs.Append(columns, file.Name, deleted);
                    }
                }
            }
        }
    }

    private Task ReadAsync(
        PlannedLogFile file,
        LogDecoder decoder,
        Action<LogPart> take,
        CancellationToken cancellationToken
    ) =>
        LogFileScan.ReadAsync(
            blobs,
            file.Name,
            file.Blob.LengthBytes,
            decoder,
            take,
            cancellationToken,
            keepsParts: false
        );
}
