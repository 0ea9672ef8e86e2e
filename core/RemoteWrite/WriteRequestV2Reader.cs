using System.Runtime.InteropServices;
using Tributary.Exposition;
using Tributary.Model;

namespace Tributary.RemoteWrite;

/// <summary>Reads <c>io.prometheus.write.v2.Request</c>, the message of remote write 2.0; the twin of <see cref="WriteRequestV2Writer"/>.</summary>
/// <remarks>
/// A series that is known costs a hash of its texts' hashes, which are computed once per text. Start timestamps are passed
/// over, exemplars counted. See <see href="https://buf.build/prometheus/prometheus/docs/main:io.prometheus.write.v2"/>.
/// </remarks>
/// <param name="series">The series that are known.</param>
/// <param name="metadata">What is known of families.</param>
/// <param name="limits">What a request may hold.</param>
internal sealed class WriteRequestV2Reader(WrittenSeries series, WrittenMetadata metadata, WriteLimits limits)
    : MessageReader(series, limits, WriteProtocol.MessageV2)
{
    private const int SymbolsField = 4;
    private const int SeriesField = 5;

    /// <summary>So many symbols' places are kept for the next message.</summary>
    private const int KeptSymbols = 64 * 1024;

    private readonly List<ulong> references = [];
    private readonly List<(UInt128 Name, UInt128 Value)> hashed = [];
    private Symbol[] symbols = new Symbol[1024];
    private int symbolCount;

    /// <inheritdoc/>
    protected override void ReadMessage(ReadOnlySpan<byte> message)
    {
        ReadSymbols(message);
        var reader = new WireReader(message, 0);
        while (reader.Next())
        {
            if (reader.Field != SeriesField)
            {
                reader.Skip();
                continue;
            }
            var one = reader.ReadBytes("timeseries");
            ReadSeries(message, one, reader.Offset - one.Length);
        }
        if (symbols.Length > KeptSymbols)
        {
            symbols = new Symbol[KeptSymbols];
        }
        Array.Clear(symbols);
    }

    private void ReadSymbols(ReadOnlySpan<byte> message)
    {
        symbolCount = 0;
        var reader = new WireReader(message, 0);
        while (reader.Next())
        {
            if (reader.Field != SymbolsField)
            {
                reader.Skip();
                continue;
            }
            var text = reader.ReadBytes("symbols");
            if (symbolCount == Limits.MaxSymbols)
            {
                throw TooLarge($"more than {Limits.MaxSymbols} symbols in one request");
            }
            if (symbolCount == symbols.Length)
            {
                Array.Resize(ref symbols, 2 * symbols.Length);
            }
            symbols[symbolCount++] = new Symbol
            {
                Offset = (int)reader.Offset - text.Length,
                Length = text.Length,
                Hash = ByteHash.Compute128(text),
            };
        }
        if (symbolCount > 0 && symbols[0].Length > 0)
        {
            throw new WriteException(
                WriteRefusal.Malformed,
                $"the request is no {WriteProtocol.MessageV2}: the first symbol is not the empty text"
            );
        }
    }

    private void ReadSeries(ReadOnlySpan<byte> message, ReadOnlySpan<byte> body, long offset)
    {
        var (samples, exemplars, said) = Survey(body, offset);
        if (!TryBegin(message, out var problem, out var example))
        {
            Reject(problem, samples, example);
            return;
        }
        if (samples == 0)
        {
            Reject(WriteProblem.NoSamples, 0, $"the series {Labels} has neither samples nor histograms");
            return;
        }
        if (said is { } found && !TryTakeMetadata(message, found))
        {
            Reject(
                WriteProblem.BadReference,
                samples,
                $"the metadata of {Labels} refers to symbols that there are not"
            );
            return;
        }
        Intake.Tally.Exemplars += exemplars;
        var reader = new WireReader(body, offset);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 2:
                    var sample = reader.ReadBytes("samples");
                    TakeSample(sample, reader.Offset - sample.Length);
                    break;
                case 3:
                    var histogram = reader.ReadBytes("histograms");
                    TakeHistogram(histogram, reader.Offset - histogram.Length);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
    }

    /// <summary>The labels' references, and how much else a series has.</summary>
    private (int Samples, int Exemplars, Said? Metadata) Survey(ReadOnlySpan<byte> body, long offset)
    {
        references.Clear();
        var (samples, exemplars, said) = (0, 0, (Said?)null);
        var reader = new WireReader(body, offset);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    reader.AddNumbers("labels_refs", references);
                    break;
                case 2 or 3:
                    samples++;
                    reader.Skip();
                    break;
                case 4:
                    exemplars++;
                    reader.Skip();
                    break;
                case 5:
                    said = ReadMetadata(reader.ReadMessage("metadata"));
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
        return (samples, exemplars, said);
    }

    private bool TryBegin(ReadOnlySpan<byte> message, out WriteProblem problem, out string example)
    {
        (problem, example) = (WriteProblem.BadReference, "");
        if (references.Count % 2 != 0)
        {
            example = $"a series has {references.Count} label references, which is no even number";
            return false;
        }
        hashed.Clear();
        long bytes = 0;
        for (var i = 0; i < references.Count; i += 2)
        {
            if (Math.Max(references[i], references[i + 1]) >= (ulong)symbolCount)
            {
                example =
                    $"a series refers to symbol {Math.Max(references[i], references[i + 1])}, but there are {symbolCount}";
                return false;
            }
            ref var name = ref symbols[references[i]];
            ref var value = ref symbols[references[i + 1]];
            bytes += name.Length + value.Length;
            hashed.Add((name.Hash, value.Hash));
        }
        var key = ByteHash.Compute128(MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(hashed)));
        if (!Series.TryFind(key, out var number))
        {
            if (Series.IsTooLarge(hashed.Count, bytes))
            {
                (problem, example) = (WriteProblem.RefusedLabels, Series.TooLarge);
                return false;
            }
            if (!TryReadLabels(message))
            {
                (problem, example) = (WriteProblem.InvalidLabels, "invalid labels: not valid UTF-8");
                return false;
            }
            if (Series.TryAdd(key, (int)bytes, Given, out number, out problem) is { } refused)
            {
                example = refused;
                return false;
            }
        }
        Begin(number);
        return true;
    }

    private bool TryReadLabels(ReadOnlySpan<byte> message)
    {
        Given.Clear();
        for (var i = 0; i < references.Count; i += 2)
        {
            var (name, value) = (TextOf(message, references[i]), TextOf(message, references[i + 1]));
            if (name is null || value is null)
            {
                return false;
            }
            Given.Add((name, value));
        }
        return true;
    }

    private static Said ReadMetadata(WireReader reader)
    {
        var said = default(Said);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    said = said with { Type = reader.ReadNumber("type") };
                    break;
                case 3:
                    said = said with { Help = reader.ReadNumber("help_ref") };
                    break;
                case 4:
                    said = said with { Unit = reader.ReadNumber("unit_ref") };
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
        return said;
    }

    /// <summary>Takes what a series says of its family; false when it refers to nothing.</summary>
    private bool TryTakeMetadata(ReadOnlySpan<byte> message, Said said)
    {
        if (said == default)
        {
            return true;
        }
        if (Math.Max(said.Help, said.Unit) >= (ulong)symbolCount)
        {
            return false;
        }
        Span<UInt128> parts = [said.Type, symbols[said.Help].Hash, symbols[said.Unit].Hash];
        var metric = Labels.MetricName;
        if (metadata.IsKnown(metric, ByteHash.Compute128(MemoryMarshal.AsBytes(parts))))
        {
            return true;
        }
        var (help, unit) = (TextOf(message, said.Help), TextOf(message, said.Unit));
        if (help is null || unit is null)
        {
            Intake.Tally.DroppedMetadata++;
            return true;
        }
        var type = MetricTypeNumbers.NameOf(said.Type);
        metadata.Take(new MetricMetadata(FamilyOf(metric, type), type, help, unit), Intake);
        return true;
    }

    /// <summary>The family of a series' metric: classic histograms and summaries have series of several names.</summary>
    private static string FamilyOf(string metric, string type)
    {
        ReadOnlySpan<string> suffixes = type switch
        {
            "histogram" or "gaugehistogram" => ["_bucket", "_count", "_sum"],
            "summary" => ["_count", "_sum"],
            _ => [],
        };
        foreach (var suffix in suffixes)
        {
            if (metric.Length > suffix.Length && metric.EndsWith(suffix, StringComparison.Ordinal))
            {
                return metric[..^suffix.Length];
            }
        }
        return metric;
    }

    private string? TextOf(ReadOnlySpan<byte> message, ulong reference)
    {
        ref var symbol = ref symbols[reference];
        return symbol.Text ??= Text(message.Slice(symbol.Offset, symbol.Length));
    }

    /// <summary>What a series says of its family: a type, and references to texts.</summary>
    private readonly record struct Said(ulong Type, ulong Help, ulong Unit);

    /// <summary>A text of the message's table.</summary>
    [StructLayout(LayoutKind.Auto)]
    private struct Symbol
    {
        public int Offset;
        public int Length;
        public UInt128 Hash;
        public string? Text;
    }
}
