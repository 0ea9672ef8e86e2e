using Tributary.Model;
using Tributary.PromQL.Syntax;
using Tributary.Storage.Blocks;
using Tributary.Storage.Chunks;
using Tributary.Storage.Indexes;
using Tributary.Storage.Manifest;
using Tributary.Storage.Selection;
using Tributary.Stores;
using Tributary.Tests.Unit.Simulation;
using Tributary.Tests.Unit.Storage.Manifest;

namespace Tributary.Tests.Unit.Storage.Selection;

/// <summary>What queries over thirty days cost, by operations and bytes.</summary>
public sealed class StoreReaderCostTests
{
    private const long HourMs = 3_600_000;
    private const int SeriesCount = 600;
    private static readonly int[] BlockHours = [.. Enumerable.Repeat(54, 12), 54, 18, 6, 2, 2];

    private static CancellationToken Token => ManifestPlace.Token;

    [Fact]
    public async Task OneSeries_ReadsBelowAHundredthOfTheStore_ByFewOperations()
    {
        var place = new ManifestPlace();
        var stored = await FillAsync(place);
        var counting = new CountingReads(place.Blobs);
        var options = new StoreReaderOptions();
        using var reader = new StoreReader(counting, place.Tables, null, options, place.Time, place.NewUlid);
        var selector = SelectorParser.Parse("m7{instance=\"host-007\",job=\"node\"}");
        var everything = new TimeRange(0, long.MaxValue / 2);

        var found = Assert.Single((await reader.SelectAsync([selector], everything, Token)).Series);
        Assert.Equal(BlockHours.Sum() / 2 * XorChunkBuilder.MaxSamples, found.Samples.Count);
        var (cold, coldReads) = counting.Take();
        Assert.True(cold < stored / 100, $"{cold} of {stored} bytes");
        Assert.InRange(coldReads, BlockHours.Length, BlockHours.Length * 8);

        await reader.SelectAsync([selector], everything, Token);
        Assert.Equal((0, 0), counting.Take());

        var last = new TimeRange((BlockHours.Sum() - 2) * HourMs, BlockHours.Sum() * HourMs);
        using var fresh = new StoreReader(counting, place.Tables, null, options, place.Time, place.NewUlid);
        Assert.Single((await fresh.SelectAsync([selector], last, Token)).Series);
        Assert.InRange(counting.Take().Reads, 1, 10);

        using var names = new StoreReader(counting, place.Tables, null, options, place.Time, place.NewUlid);
        Assert.Equal(SeriesCount, (await names.LabelValuesAsync("instance", [], everything, 0, Token)).Items.Count);
        var (bytes, reads) = counting.Take();
        Assert.True(bytes < stored / 100, $"{bytes} of {stored} bytes");
        Assert.InRange(reads, BlockHours.Length, BlockHours.Length * 5);
    }

    private static async Task<long> FillAsync(ManifestPlace place)
    {
        var hour = 0;
        var stored = 0L;
        foreach (var hours in BlockHours)
        {
            var plannedOn = await place.Reader.RefreshAsync(Token);
            var ulid = place.NewUlid();
            var block = new BlockDescription
            {
                Ulid = ulid,
                Level = 1,
                MinTimeMs = hour * HourMs,
                MaxTimeMs = (hour + hours) * HourMs,
                Number = plannedOn.State.Number + 1,
                Sources = [ulid],
            };
            await place.Writer.BeginAsync(plannedOn, block, Token);
            var meta = await WriteAsync(place.Blobs, block);
            block = block with
            {
                Files =
                [
                    .. meta
                        .Files.Where(file => file.SizeBytes > 0)
                        .Select(file => new BlockFile(file.Path, file.SizeBytes)),
                ],
            };
            var result = await place.Writer.CommitAsync(place.Adding(plannedOn, block), Token);
            Assert.True(result.IsCommitted, result.Refusal);
            stored += block.Bytes;
            hour += hours;
        }
        return stored;
    }

    /// <summary>All series have the same chunks, one per two hours, of which each sample takes some bytes.</summary>
    private static async Task<BlockMeta> WriteAsync(IBlobStore blobs, BlockDescription block)
    {
        var series = Enumerable
            .Range(0, SeriesCount)
            .Select(n => LabelSet.Of("__name__", $"m{n}", "instance", $"host-{n:D3}", "job", "node"))
            .Order()
            .ToList();
        var texts = series.SelectMany(s => s.Labels.ToArray()).SelectMany(label => new[] { label.Name, label.Value });
        var symbols = SymbolTable.Of(texts);
        var chunks = Chunks(block);
        var plan = new BlockMeta
        {
            Ulid = block.Ulid,
            MinTimeMs = block.MinTimeMs,
            MaxTimeMs = block.MaxTimeMs,
            Sources = [block.Ulid],
        };
        using var writer = new BlockWriter(blobs, plan, symbols, new BlockWriterOptions());
        await writer.BeginAsync(Token);
        foreach (var one in series)
        {
            writer.BeginSeries([
                .. one.Labels.ToArray().Select(l => new LabelRef(symbols.Find(l.Name), symbols.Find(l.Value))),
            ]);
            foreach (var (minMs, maxMs, bytes) in chunks)
            {
                writer.AddChunk(minMs, maxMs, SegmentFormat.XorEncoding, bytes);
            }
            writer.EndSeries();
            if (writer.WantsFlush)
            {
                await writer.FlushAsync(Token);
            }
        }
        return await writer.FinishAsync(Token);
    }

    private static List<(long MinMs, long MaxMs, byte[] Bytes)> Chunks(BlockDescription block)
    {
        var random = new Random(7);
        var chunks = new List<(long, long, byte[])>();
        for (var start = block.MinTimeMs; start < block.MaxTimeMs; start += 2 * HourMs)
        {
            var builder = new XorChunkBuilder();
            for (var i = 0; i < XorChunkBuilder.MaxSamples; i++)
            {
                builder.Append(start + (i * 15_000), random.Next(4));
            }
            chunks.Add((builder.MinMs, builder.MaxMs, builder.Bytes.ToArray()));
        }
        return chunks;
    }

    private sealed class CountingReads(IBlobStore inner) : PassingBlobs(inner)
    {
        private long bytes;
        private int reads;

        public (long Bytes, int Reads) Take() =>
            (Interlocked.Exchange(ref bytes, 0), Interlocked.Exchange(ref reads, 0));

        public override async Task<int> ReadAsync(
            string name,
            long offsetBytes,
            Memory<byte> destination,
            string? ifMatch,
            CancellationToken cancellationToken
        )
        {
            var read = await base.ReadAsync(name, offsetBytes, destination, ifMatch, cancellationToken);
            Interlocked.Add(ref bytes, read);
            Interlocked.Increment(ref reads);
            return read;
        }
    }
}
