using Tributary.Binary;
using Tributary.Model;
using Tributary.Storage.AppendLog;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>The log as the format's page says it is to be read: every file from its first byte, all rules word by word.</summary>
internal sealed partial class LogOracle
{
    private readonly List<OraclePart> parts = [];
    private readonly SeriesTable table = new();

    public LogOracle(SimulatedStorage storage)
    {
        foreach (var info in storage.Blobs.All)
        {
            if (LogFileName.TryParse(info.Name, out var name))
            {
                try
                {
                    Read(name, storage.Blobs.ContentOf(info.Name)!.Value);
                }
                catch (CorruptDataException exception)
                {
                    throw new InvalidOperationException($"corrupt: {exception.Message}", exception);
                }
            }
        }
        Batches =
        [
            .. parts
                .Where(part => part.Report is not null)
                .Select(home => new OracleBatch(home, PartsOf(home)))
                .OrderBy(batch => batch.Home.TickMs),
        ];
        Winners = Batches
            .GroupBy(batch => batch.Identity)
            .ToDictionary(
                group => group.Key,
                group =>
                    group
                        .OrderBy(b => b.Home.Verdict)
                        .ThenBy(b => b.Home.File.Writer)
                        .ThenBy(b => b.Home.Offset)
                        .First()
            );
        Counted = [.. parts.Where(Counts)];
        Samples = Merge();
    }

    /// <summary>All whole parts.</summary>
    public IReadOnlyList<OraclePart> Parts => parts;

    /// <summary>All batches with a report, by tick.</summary>
    public IReadOnlyList<OracleBatch> Batches { get; }

    /// <summary>The batch that counts, by identity.</summary>
    public IReadOnlyDictionary<(string Source, long TickMs), OracleBatch> Winners { get; }

    /// <summary>The parts that count.</summary>
    public IReadOnlyList<OraclePart> Counted { get; }

    /// <summary>The answer: one value a series and timestamp.</summary>
    public IReadOnlyDictionary<LabelSet, SortedList<long, double>> Samples { get; }

    private void Read(LogFileName name, ReadOnlyMemory<byte> content)
    {
        var decoder = new LogDecoder(name, table);
        var states = new SlotMap<ColumnState>();
        var found = new List<LogPart>();
        decoder.Scan(content, found);
        foreach (var part in found)
        {
            var samples = new List<OracleSample>();
            foreach (var column in part.Columns)
            {
                var columns = decoder.Decode(column, states);
                for (var i = 0; i < columns.Count; i++)
                {
                    samples.Add(
                        new OracleSample(
                            columns.Series[i],
                            columns.TimestampsMs.Span[i],
                            columns.Values.Span[i],
                            column.Added
                        )
                    );
                }
            }
            parts.Add(
                new OraclePart(part.File, part.OffsetBytes, part.Source, part.TickMs, part.Verdict, samples)
                {
                    Report = part.Report,
                    Others = part.Others,
                }
            );
        }
    }

    private List<OraclePart> PartsOf(OraclePart home) =>
        [
            home,
            .. parts.Where(part =>
                part.Report is null
                && part.TickMs == home.TickMs
                && part.Source == home.Source
                && home.Others.Contains(part.File)
            ),
        ];

    private bool Counts(OraclePart part)
    {
        if (Winners.TryGetValue((part.Source, part.TickMs), out var winner))
        {
            return winner.Parts.Contains(part);
        }
        // Without a report nobody contradicts: of each window the part in the lowest file.
        return !parts.Exists(other =>
            other.Source == part.Source
            && other.TickMs == part.TickMs
            && other.File.Window == part.File.Window
            && other.File.Writer.CompareTo(part.File.Writer) < 0
        );
    }

    private Dictionary<LabelSet, SortedList<long, double>> Merge()
    {
        var merged = new Dictionary<LabelSet, SortedList<long, double>>();
        foreach (var sample in Counted.SelectMany(part => part.Samples))
        {
            if (!merged.TryGetValue(sample.Series, out var list))
            {
                merged.Add(sample.Series, list = []);
            }
            list[sample.TimestampMs] =
                list.TryGetValue(sample.TimestampMs, out var other)
                && Rank(other) >= Rank(sample.Value)
                && !(other < sample.Value)
                    ? other
                    : sample.Value;
        }
        return merged;
    }

    /// <summary>Marker, NaN, number: the later beats the earlier.</summary>
    private static int Rank(double value) =>
        StaleMarker.IsStale(value) ? 0
        : double.IsNaN(value) ? 1
        : 2;
}

/// <summary>A whole part of a batch in a file.</summary>
internal sealed record OraclePart(
    LogFileName File,
    long Offset,
    string Source,
    long TickMs,
    Verdict Verdict,
    IReadOnlyList<OracleSample> Samples
)
{
    public required ScrapeReport? Report { get; init; }

    public required IReadOnlyList<LogFileName> Others { get; init; }
}

/// <summary>A batch with its report and the parts that this names.</summary>
internal sealed record OracleBatch(OraclePart Home, IReadOnlyList<OraclePart> Parts)
{
    public (string Source, long TickMs) Identity => (Home.Source, Home.TickMs);

    public IEnumerable<OracleSample> Samples => Parts.SelectMany(part => part.Samples);

    public override string ToString() => $"{Home.Source} tick {Home.TickMs} in {Home.File} @{Home.Offset}";
}

/// <summary>A sample in the log; added ones are report series and staleness markers.</summary>
internal readonly record struct OracleSample(LabelSet Series, long TimestampMs, double Value, bool Added)
{
    public bool IsMarker => Added && StaleMarker.IsStale(Value);
}
