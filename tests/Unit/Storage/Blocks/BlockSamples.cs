using System.Globalization;
using System.Text;
using Tributary.Exposition;
using Tributary.Model;
using Tributary.PromQL.Syntax;
using Tributary.Storage.Blocks;
using Tributary.Storage.Chunks;
using Tributary.Storage.Files;
using Tributary.Storage.Indexes;
using Tributary.Stores;

namespace Tributary.Tests.Unit.Storage.Blocks;

/// <summary>Series with samples ↔ blocks ↔ the text of <c>promtool tsdb dump</c>.</summary>
internal static class BlockSamples
{
    public static readonly TimeRange Always = new(long.MinValue, long.MaxValue);

    public static BlockMeta Plan(Ulid ulid, IEnumerable<SelectedSeries> series)
    {
        var times = series.SelectMany(s => s.Samples).Select(sample => sample.TimestampMs).ToList();
        return new BlockMeta
        {
            Ulid = ulid,
            MinTimeMs = times.Min(),
            MaxTimeMs = times.Max() + 1,
            Sources = [ulid],
            Labels = [new("tributary_store", "test")],
            Source = "tributary",
            LogFiles = [new BlockLogFile("log/0/a.log", 77)],
            CommitNumber = 5,
        };
    }

    /// <summary>Writes a block; chunks end after some samples.</summary>
    public static async Task<BlockMeta> WriteAsync(
        IBlobStore store,
        Ulid ulid,
        IReadOnlyList<SelectedSeries> series,
        int chunkSamples = 120,
        BlockWriterOptions? options = null
    )
    {
        var labels = series.SelectMany(s => s.Labels.Labels.ToArray()).ToList();
        var symbols = SymbolTable.Of(labels.Select(l => l.Name).Concat(labels.Select(l => l.Value)));
        using var writer = new BlockWriter(store, Plan(ulid, series), symbols, options ?? new BlockWriterOptions());
        await writer.BeginAsync(default);
        foreach (var one in series.OrderBy(s => s.Labels))
        {
            writer.BeginSeries([
                .. one.Labels.Labels.ToArray().Select(l => new LabelRef(symbols.Find(l.Name), symbols.Find(l.Value))),
            ]);
            AddChunks(writer, one.Samples, chunkSamples);
            writer.EndSeries();
            if (writer.WantsFlush)
            {
                await writer.FlushAsync(default);
            }
        }
        return await writer.FinishAsync(default);
    }

    private static void AddChunks(BlockWriter writer, IReadOnlyList<Sample> samples, int chunkSamples)
    {
        var builder = new XorChunkBuilder();
        foreach (var sample in samples)
        {
            if (builder.Count > 0 && (builder.Count == chunkSamples || builder.IsFull))
            {
                writer.AddChunk(builder.MinMs, builder.MaxMs, ChunkEncoding.Xor, builder.Bytes);
                builder = new XorChunkBuilder();
            }
            builder.Append(sample.TimestampMs, sample.Value);
        }
        writer.AddChunk(builder.MinMs, builder.MaxMs, ChunkEncoding.Xor, builder.Bytes);
    }

    public static async Task<BlockReader> OpenAsync(IBlobStore store, string prefix, PageCache? cache = null) =>
        await BlockReader.OpenAsync(new RangeReader(store, cache ?? new PageCache(1 << 24)), prefix, default);

    /// <summary>All series with all float samples; series of histograms are left out when asked for.</summary>
    public static async Task<List<SelectedSeries>> ReadAsync(
        BlockReader block,
        TimeRange? range = null,
        params LabelMatcher[] matchers
    )
    {
        var all = new List<SelectedSeries>();
        await foreach (var series in block.SelectAsync(matchers, range ?? Always, default))
        {
            var samples = await block.ReadFloatsAsync(series, range ?? Always, default);
            if (samples.Count > 0)
            {
                all.Add(new SelectedSeries(series.Labels, samples));
            }
        }
        return all;
    }

    /// <summary>The lines that <c>promtool tsdb dump</c> prints.</summary>
    public static IEnumerable<string> Dump(IEnumerable<SelectedSeries> series) =>
        series.SelectMany(one =>
        {
            var labels = string.Join(", ", one.Labels.Labels.ToArray().Select(l => $"{l.Name}={Quoted(l.Value)}"));
            return one.Samples.Select(s =>
                string.Create(CultureInfo.InvariantCulture, $"{{{labels}}} {Number(s.Value)} {s.TimestampMs}")
            );
        });

    public static SelectedSeries Series(string labels, params (long Time, double Value)[] samples) =>
        new(
            LabelSet.Of([
                .. labels.Split(',').Select(pair => pair.Split('=')).Select(pair => new Label(pair[0], pair[1])),
            ]),
            [.. samples.Select(s => new Sample(s.Time, s.Value))]
        );

    /// <summary>Bit for bit the same series and samples.</summary>
    public static void AssertEqual(IReadOnlyList<SelectedSeries> expected, IReadOnlyList<SelectedSeries> actual)
    {
        Assert.Equal(expected.Select(s => s.Labels), actual.Select(s => s.Labels));
        foreach (var (left, right) in expected.Zip(actual))
        {
            Assert.Equal(left.Samples.Select(Bits), right.Samples.Select(Bits));
        }
    }

    private static (long, ulong) Bits(Sample sample) =>
        (sample.TimestampMs, BitConverter.DoubleToUInt64Bits(sample.Value));

    private static string Number(double value)
    {
        if (value == 0)
        {
            return double.IsNegative(value) ? "-0" : "0";
        }
        var text = new byte[FloatFormat.MaxLength];
        return Encoding.ASCII.GetString(text, 0, FloatFormat.Format(value, text));
    }

    /// <summary>As Go's <c>strconv.Quote</c>, for what the tests use.</summary>
    private static string Quoted(string value) =>
        '"'
        + value
            .Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("\"", "\\\"", StringComparison.Ordinal)
            .Replace("\n", "\\n", StringComparison.Ordinal)
            .Replace("\t", "\\t", StringComparison.Ordinal)
        + '"';
}
