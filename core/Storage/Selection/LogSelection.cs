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
internal sealed class LogSelection(IBlobStore blobs)
{
    /// <summary>Files up to so many bytes together are read once and kept while they are decoded; more is read twice.</summary>
    private const long KeptBytes = 64 * 1024 * 1024;

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
        var table = new SeriesTable();
        var ledger = new BatchLedger();
        var keeps = files.Sum(file => file.Blob.LengthBytes) <= KeptBytes;
        var readings = new List<(PlannedLogFile File, LogDecoder Decoder, List<LogPart> Parts)>();
        // First, because which batch of a tick counts is decided among all files.
        foreach (var file in files)
        {
            var parts = new List<LogPart>();
            var decoder = new LogDecoder(file.Name, table);
            readings.Add((file, decoder, parts));
            await ScanAsync(file, decoder, Offer, warnings, cancellationToken);

            void Offer(LogPart part)
            {
                ledger.Offer(part);
                if (keeps)
                {
                    parts.Add(part);
                }
            }
        }
        foreach (var (file, decoder, parts) in readings)
        {
            var deletes = SeriesDeletes.Of(plan.DeletesOf(file.Name));
            if (keeps)
            {
                Decode(decoder, parts, ledger, collector, deletes, warnings);
                continue;
            }
            var again = new LogDecoder(file.Name, table);
            var states = new SlotMap<ColumnState>();
            await ScanAsync(
                file,
                again,
                part => collector.Take(part, again, states, ledger.Counts(part), deletes),
                warnings,
                cancellationToken
            );
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
        var table = new SeriesTable();
        foreach (var file in files)
        {
            var deletes = SeriesDeletes.Of(plan.DeletesOf(file.Name));
            var seen = new HashSet<SeriesList>(ReferenceEqualityComparer.Instance);
            await ScanAsync(file, new LogDecoder(file.Name, table), Take, warnings, cancellationToken);

            void Take(LogPart part)
            {
                foreach (var column in part.Columns.Where(column => column.Range.Overlaps(plan.Range)))
                {
                    if (!deletes.IsEmpty || seen.Add(column.List))
                    {
                        Add(column, deletes);
                    }
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
        LogDecoder decoder,
        List<LogPart> parts,
        BatchLedger ledger,
        LogCollector collector,
        SeriesDeletes deletes,
        WarningList warnings
    )
    {
        var states = new SlotMap<ColumnState>();
        try
        {
            parts.ForEach(part => collector.Take(part, decoder, states, ledger.Counts(part), deletes));
        }
        catch (CorruptDataException exception)
        {
            warnings.Add(Damaged(exception));
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
