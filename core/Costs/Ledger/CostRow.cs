using System.Globalization;
using System.Text;
using Tributary.Binary;
using Tributary.Model;
using Tributary.Storage.Manifest;
using Tributary.Stores;

namespace Tributary.Costs.Ledger;

/// <summary>What one process has used in one UTC day, until now. docs/formats/costs.md is the page.</summary>
/// <param name="Process">The process.</param>
/// <param name="Generation">Which of its rows of that day: the highest counts, and the others do not.</param>
/// <param name="FromMs">Since when it counts, milliseconds since the epoch.</param>
/// <param name="UntilMs">Until when.</param>
/// <param name="Usages">What it has used since it began that day, by payer.</param>
internal sealed record CostRow(
    Ulid Process,
    int Generation,
    long FromMs,
    long UntilMs,
    IReadOnlyDictionary<Payer, Usage> Usages
)
{
    public const string Table = "costs";

    private const char Separator = '-';
    private const int MaxPayers = 4096;

    /// <summary>So much of a row is for payers; sources that do not fit are put together, job by job.</summary>
    private const int MaxPayersBytes = 48 * 1024;

    /// <summary>A payer takes no more than this and its names.</summary>
    private const int UsageBytes = 210;

    /// <summary>The row's key.</summary>
    public string Row => string.Create(CultureInfo.InvariantCulture, $"{Process}{Separator}{Generation:x4}");

    /// <summary>The partition of a day.</summary>
    public static string PartitionOf(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>The row's properties.</summary>
    public Dictionary<string, object> Encode()
    {
        var writer = RowBytes.Begin();
        writer.WriteVarint(FromMs);
        writer.WriteUvarint((ulong)(UntilMs - FromMs));
        var bounded = Bounded();
        writer.WriteUvarint((ulong)bounded.Count);
        foreach (var (payer, usage) in bounded)
        {
            writer.WriteString(payer.Job);
            writer.WriteString(payer.Source ?? "");
            foreach (var operation in OperationCounts.Classes)
            {
                writer.WriteVarint(usage.Operations.MillionthsOf(operation));
            }
            foreach (var amount in AmountsOf(usage))
            {
                writer.WriteVarint(amount);
            }
        }
        return new(StringComparer.Ordinal) { [RowBytes.Property] = RowBytes.End(writer) };
    }

    /// <summary>Reads what <see cref="Encode"/> wrote.</summary>
    /// <exception cref="CorruptDataException">The row is not one of this format.</exception>
    public static CostRow Decode(TableRow row, string partition)
    {
        var place = $"{Table}/{partition}/{row.Row}";
        var (process, generation) = ParseKey(row.Row, place);
        var reader = RowBytes.Open(row, place);
        var fromMs = reader.ReadVarint();
        var lengthMs = RowBytes.ReadLong(ref reader, "a length");
        if (lengthMs > long.MaxValue - Math.Max(fromMs, 0))
        {
            throw reader.Corrupt("the time it covers does not end");
        }
        var usages = new Dictionary<Payer, Usage>();
        for (var left = RowBytes.ReadCount(ref reader, MaxPayers, "payers"); left > 0; left--)
        {
            var job = reader.ReadString();
            var source = reader.ReadString();
            var counts = default(OperationCounts);
            foreach (var operation in OperationCounts.Classes)
            {
                counts = counts.With(operation, reader.ReadVarint());
            }
            if (!usages.TryAdd(new Payer(job, source.Length == 0 ? null : source), ReadUsage(ref reader, counts)))
            {
                throw reader.Corrupt("a payer stands twice");
            }
        }
        RowBytes.RequireEnd(ref reader);
        return new CostRow(process, generation, fromMs, fromMs + lengthMs, usages);
    }

    private static (Ulid Process, int Generation) ParseKey(string key, string place) =>
        key.Length > Ulid.TextLength
        && key[Ulid.TextLength] == Separator
        && Ulid.TryParse(key[..Ulid.TextLength], out var process)
        && int.TryParse(
            key.AsSpan(Ulid.TextLength + 1),
            NumberStyles.AllowHexSpecifier,
            CultureInfo.InvariantCulture,
            out var generation
        )
            ? (process, generation)
            : throw new CorruptDataException(place, 0, "the key is not PROCESS-GENERATION");

    private static long[] AmountsOf(Usage usage) =>
        [
            usage.BytesRead,
            usage.BytesWritten,
            usage.BytesSent,
            usage.BytesReceived,
            usage.Ticks,
            usage.Samples,
            usage.Invocations,
            usage.OnDemandMbMs,
            usage.AlwaysReadyMbMs,
            usage.LogBytes,
        ];

    private static Usage ReadUsage(ref ByteReader reader, OperationCounts counts) =>
        new()
        {
            Operations = counts,
            BytesRead = reader.ReadVarint(),
            BytesWritten = reader.ReadVarint(),
            BytesSent = reader.ReadVarint(),
            BytesReceived = reader.ReadVarint(),
            Ticks = reader.ReadVarint(),
            Samples = reader.ReadVarint(),
            Invocations = reader.ReadVarint(),
            OnDemandMbMs = reader.ReadVarint(),
            AlwaysReadyMbMs = reader.ReadVarint(),
            LogBytes = reader.ReadVarint(),
        };

    /// <summary>All payers; the sources that wrote least are put together when there are too many for a row.</summary>
    private Dictionary<Payer, Usage> Bounded()
    {
        var bounded = new Dictionary<Payer, Usage>();
        var bytes = 0;
        var ordered = Usages
            .OrderBy(pair => pair.Key.Source is null or Payer.OtherSources ? 0 : 1)
            .ThenByDescending(pair => pair.Value.BytesWritten)
            .ThenBy(pair => pair.Key.Source, StringComparer.Ordinal)
            .ThenBy(pair => pair.Key.Job, StringComparer.Ordinal);
        foreach (var (payer, usage) in ordered)
        {
            bytes += UsageBytes + Encoding.UTF8.GetByteCount(payer.Job + payer.Source);
            var key =
                bytes > MaxPayersBytes && payer.Source is not null ? new Payer(payer.Job, Payer.OtherSources) : payer;
            bounded[key] = bounded.TryGetValue(key, out var before) ? before + usage : usage;
        }
        return bounded;
    }
}
