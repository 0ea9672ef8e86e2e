using Tributary.Model;
using Tributary.PromQL.Syntax;
using Tributary.Storage.AppendLog;
using Tributary.Storage.Blocks;
using Tributary.Storage.Head;
using Tributary.Storage.Manifest;
using Tributary.Stores;
using Tributary.Tests.Unit.Storage.Blocks;

namespace Tributary.Tests.Unit.Storage.Compaction;

/// <summary>What a store holds, as a reader plans it: the log files that are not consumed, and the live blocks.</summary>
internal static class StoreContents
{
    private static readonly VectorSelector Everything = SelectorParser.Parse("{__name__=~\".+\"}");

    /// <summary>All samples, each with how often it is there.</summary>
    public static Task<SortedDictionary<string, int>> ReadAsync(IBlobStore blobs, ITableStore tables) =>
        new StoreView(blobs, new ManifestReader(tables)).ReadAsync(
            new TimeRange(0, long.MaxValue),
            (plan, token) => ReadAsync(blobs, plan, token),
            CancellationToken.None
        );

    /// <summary>A sample as a text.</summary>
    public static string Key(LabelSet series, long timestampMs, double value) =>
        FormattableString.Invariant($"{series} {timestampMs} {BitConverter.DoubleToInt64Bits(value):x}");

    private static async Task<SortedDictionary<string, int>> ReadAsync(
        IBlobStore blobs,
        StorePlan plan,
        CancellationToken token
    )
    {
        var found = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var row in plan.Blocks)
        {
            var block = await BlockSamples.OpenAsync(blobs, BlockPaths.PrefixOf(row.Block.Ulid));
            foreach (var series in await BlockSamples.ReadAsync(block))
            {
                Add(found, series);
            }
        }
        var head = new RecentHead();
        foreach (var file in plan.LogFiles)
        {
            await DecodeAsync(blobs, file, head, token);
        }
        foreach (var series in head.Select([Everything], new TimeRange(0, long.MaxValue)))
        {
            Add(found, series);
        }
        return found;
    }

    private static async Task DecodeAsync(
        IBlobStore blobs,
        PlannedLogFile file,
        RecentHead head,
        CancellationToken token
    )
    {
        var bytes = new byte[file.Blob.LengthBytes];
        var read = await blobs.ReadAsync(file.Name.ToString(), 0, bytes, ifMatch: null, token);
        var decoder = new LogDecoder(file.Name, new SeriesTable());
        var parts = new List<LogPart>();
        decoder.Scan(bytes.AsMemory(0, read), parts);
        var states = new SlotMap<ColumnState>();
        foreach (var column in parts.SelectMany(part => part.Columns))
        {
            head.Append(decoder.Decode(column, states));
        }
    }

    private static void Add(SortedDictionary<string, int> found, SelectedSeries series)
    {
        foreach (var sample in series.Samples)
        {
            var key = Key(series.Labels, sample.TimestampMs, sample.Value);
            found[key] = found.GetValueOrDefault(key) + 1;
        }
    }
}
