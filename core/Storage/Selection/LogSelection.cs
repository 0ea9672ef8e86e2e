using Tributary.Binary;
using Tributary.Model;
using Tributary.Storage.AppendLog;
using Tributary.Storage.Compaction;
using Tributary.Storage.Manifest;
using Tributary.Stores;

namespace Tributary.Storage.Selection;

/// <summary>Reads log files that neither blocks nor the head have.</summary>
/// <remarks>A file that breaks the format is read up to there, and a warning names it.</remarks>
/// <param name="blobs">Where they lie.</param>
/// <param name="cacheBytes">Bytes of files that are kept from one selection to the next.</param>
internal sealed class LogSelection(IBlobStore blobs, long cacheBytes)
{
    /// <summary>Files up to so many bytes together are read once and kept while they are decoded; more is read twice.</summary>
    private const long KeptBytes = 64 * 1024 * 1024;

    private readonly LogFileCache cache = new(blobs, cacheBytes);

    /// <summary>The samples of the matching series.</summary>
    /// <param name="plan">Says what is deleted.</param>
    /// <param name="files">What to read.</param>
    /// <param name="collector">Receives the samples.</param>
    /// <param name="warnings">Receives what cannot be read.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task SelectAsync(
        StorePlan plan,
        IReadOnlyList<PlannedLogFile> files,
        LogCollector collector,
        WarningList warnings,
        CancellationToken cancellationToken
    )
    {
        var ledger = new BatchLedger();
        if (files.Sum(file => file.Blob.LengthBytes) > KeptBytes)
        {
            await SelectLargeAsync(plan, files, ledger, collector, warnings, cancellationToken);
            return;
        }
        var readings = new List<(PlannedLogFile File, ScannedLogFile Scanned)>();
        // First, because which batch of a tick counts is decided among all files.
        foreach (var file in files)
        {
            var scanned = await ReadAsync(file, warnings, cancellationToken);
            readings.Add((file, scanned));
            foreach (var part in scanned.Parts)
            {
                ledger.Offer(part);
            }
        }
        foreach (var (file, scanned) in readings)
        {
            Decode(scanned, ledger, collector, SeriesDeletes.Of(plan.DeletesOf(file.Name)), warnings);
        }
    }

    /// <summary>The matching series with columns in a range; batches that lost to others are not told apart.</summary>
    public async Task<IReadOnlyCollection<LabelSet>> SelectLabelsAsync(
        StorePlan plan,
        IReadOnlyList<PlannedLogFile> files,
        Func<LabelSet, bool> isSelected,
        WarningList warnings,
        CancellationToken cancellationToken
    )
    {
        var found = new HashSet<LabelSet>();
        foreach (var file in files)
        {
            var deletes = SeriesDeletes.Of(plan.DeletesOf(file.Name));
            var seen = new HashSet<SeriesList>(ReferenceEqualityComparer.Instance);
            var scanned = await ReadAsync(file, warnings, cancellationToken);
            foreach (var column in scanned.Parts.SelectMany(part => part.Columns))
            {
                if (column.Range.Overlaps(plan.Range) && (!deletes.IsEmpty || seen.Add(column.List)))
                {
                    Add(column, deletes);
                }
            }
        }
        return found;

        void Add(LogColumn column, SeriesDeletes deletes)
        {
            foreach (var series in column.List.Span)
            {
                if (isSelected(series) && (deletes.IsEmpty || !DeletedRanges.Cover(deletes.Of(series), column.Range)))
                {
                    found.Add(series);
                }
            }
        }
    }

    private static void Decode(
        ScannedLogFile file,
        BatchLedger ledger,
        LogCollector collector,
        SeriesDeletes deletes,
        WarningList warnings
    )
    {
        var states = new SlotMap<ColumnState>();
        try
        {
            foreach (var part in file.Parts)
            {
                collector.Take(part, file.Decoder, states, ledger.Counts(part), deletes);
            }
        }
        catch (CorruptDataException exception)
        {
            warnings.Add(Damaged(exception));
        }
    }

    private async Task<ScannedLogFile> ReadAsync(
        PlannedLogFile file,
        WarningList warnings,
        CancellationToken cancellationToken
    )
    {
        var scanned = await cache.ReadAsync(file, cancellationToken);
        if (scanned.Problem is { } problem)
        {
            warnings.Add(Damaged(problem));
        }
        return scanned;
    }

    /// <summary>Files that are too large to be in memory are read twice, in pieces.</summary>
    private async Task SelectLargeAsync(
        StorePlan plan,
        IReadOnlyList<PlannedLogFile> files,
        BatchLedger ledger,
        LogCollector collector,
        WarningList warnings,
        CancellationToken cancellationToken
    )
    {
        var table = new SeriesTable();
        foreach (var file in files)
        {
            var decoder = new LogDecoder(file.Name, table);
            await ScanAsync(file, decoder, part => ledger.Offer(part), warnings, cancellationToken);
        }
        foreach (var file in files)
        {
            var deletes = SeriesDeletes.Of(plan.DeletesOf(file.Name));
            var decoder = new LogDecoder(file.Name, table);
            var states = new SlotMap<ColumnState>();
            await ScanAsync(
                file,
                decoder,
                part => collector.Take(part, decoder, states, ledger.Counts(part), deletes),
                warnings,
                cancellationToken
            );
        }
    }

    private async Task ScanAsync(
        PlannedLogFile file,
        LogDecoder decoder,
        Action<LogPart> take,
        WarningList warnings,
        CancellationToken cancellationToken
    )
    {
        try
        {
            await LogFileScan.ReadAsync(blobs, file.Name, file.Blob.LengthBytes, decoder, take, cancellationToken);
        }
        catch (CorruptDataException exception)
        {
            warnings.Add(Damaged(exception));
        }
    }

    private static string Damaged(CorruptDataException exception) =>
        $"a log file is damaged, what follows in it is left out: {exception.Message}";
}
