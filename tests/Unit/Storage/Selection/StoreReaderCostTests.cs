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
    private const int SeriesCount = 2400;
    private static readonly int[] BlockHours = [.. Enumerable.Repeat(54, 12), 54, 18, 6, 2, 2];

    /// <summary>The list of the log, and of the manifest its pointer, its state and its rows.</summary>
    private const int PlanOperations = 4;

    private static CancellationToken Token => ManifestPlace.Token;

    [Fact]
    public async Task ThirtyDaysOfBlocks_AreReadByFewOperations_AndOneSeriesByBelowAHundredthOfTheStore()
    {
        var memory = new ManifestPlace();
        var place = new ManifestPlace(new PeriodicSegments(memory.Blobs), memory.Tables);
        var (stored, samples) = await FillAsync(place);
        var counting = new CountingReads(place.Blobs, place.Tables);
        var one = SelectorParser.Parse("m7{instance=\"host-0007\",job=\"node\"}");
        var job = SelectorParser.Parse("{__name__=~\"m7|m8\",namespace=~\"team-.+\"}");
        var everything = new TimeRange(0, long.MaxValue / 2);
        var lastHours = new TimeRange((BlockHours.Sum() - 2) * HourMs, BlockHours.Sum() * HourMs);
        var limits = new SelectionLimits();

        StoreReader Reader() => new(counting, place.Tables, null, new StoreReaderOptions(), place.Time, place.NewUlid);

        // All thirty days, from nothing: planning, and of each block both ends of the index, postings, series and chunks.
        using (var reader = Reader())
        {
            var found = Assert.Single((await reader.SelectChunksAsync(one.Matchers, everything, limits, Token)).Series);
            Assert.Equal(samples, found.EstimatedSamples);
            var cold = counting.Take();
            Assert.True(cold.Bytes < stored / 100, $"{cold.Bytes} of {stored} bytes");
            Assert.InRange(cold.Operations, BlockHours.Length, PlanOperations + (BlockHours.Length * 5));

            // Again: only whether something was committed or appended since.
            await reader.SelectChunksAsync(one.Matchers, everything, limits, Token);
            Assert.Equal((0, 2), counting.Take());
            await reader.SelectAsync([one], everything, Token);
            Assert.Equal((0, 2), counting.Take());
        }

        // The first answer of a process about the present opens none of the older blocks.
        foreach (var selector in new[] { one, job })
        {
            using var reader = Reader();
            Assert.NotEmpty((await reader.SelectChunksAsync(selector.Matchers, lastHours, limits, Token)).Series);
            Assert.InRange(counting.Take().Operations, 1, 10);
        }

        using var names = Reader();
        Assert.Equal(SeriesCount, (await names.LabelValuesAsync("instance", [], everything, 0, Token)).Items.Count);
        var looked = counting.Take();
        Assert.True(looked.Bytes < stored / 100, $"{looked.Bytes} of {stored} bytes");
        Assert.InRange(looked.Operations, BlockHours.Length, PlanOperations + (BlockHours.Length * 4));
        Assert.Equal(SeriesCount, (await names.LabelValuesAsync("instance", [], everything, 0, Token)).Items.Count);
        Assert.Equal((0, 2), counting.Take());
    }

    /// <summary>A regular expression that names its values is as cheap as these; one with a prefix reads the values that begin so.</summary>
    [Theory]
    [InlineData("m7", 1)]
    [InlineData("{__name__=~\"m7\"}", 1)]
    [InlineData("{__name__=~\"m7|m8|m(9|10)\"}", 4)]
    [InlineData("{__name__=~\"m7|absent\",instance=~\".+\",gone=~\".*\"}", 1)]
    [InlineData("{__name__=\"m7\",gone!~\".+\",job!=\"\"}", 1)]
    [InlineData("{instance=~\"host-000.\"}", 10)]
    public async Task Matchers_ReadOnlyThePostingsThatTheyNeed(string selector, int expected)
    {
        var memory = new ManifestPlace();
        var place = new ManifestPlace(new PeriodicSegments(memory.Blobs), memory.Tables);
        await AddAsync(place, 0, 54);
        var counting = new CountingReads(place.Blobs, place.Tables);
        var options = new StoreReaderOptions();
        using var reader = new StoreReader(counting, place.Tables, null, options, place.Time, place.NewUlid);
        // Opens the block.
        await reader.LabelNamesAsync([], new TimeRange(0, long.MaxValue / 2), 0, Token);
        counting.Take();
        var found = await reader.SeriesAsync(
            [SelectorParser.Parse(selector)],
            new TimeRange(0, long.MaxValue / 2),
            0,
            Token
        );
        Assert.Equal(expected, found.Items.Count);
        var (bytes, operations) = counting.Take();
        // Planning, postings, and series, which may lie apart.
        Assert.InRange(operations, 2, 4 + Math.Min(expected, 4));
        Assert.InRange(bytes, 0, (2 + expected) * 64 * 1024);
    }

    private static async Task<(long Bytes, int SamplesPerSeries)> FillAsync(ManifestPlace place)
    {
        var hour = 0;
        var (stored, samples) = (0L, 0);
        foreach (var hours in BlockHours)
        {
            var (bytes, samplesPerSeries) = await AddAsync(place, hour, hours);
            stored += bytes;
            samples += samplesPerSeries;
            hour += hours;
        }
        return (stored, samples);
    }

    private static async Task<(long Bytes, int SamplesPerSeries)> AddAsync(ManifestPlace place, int hour, int hours)
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
        return (block.Bytes, (int)(meta.Statistics.Samples / SeriesCount));
    }

    /// <summary>All series have the same chunks, one per two hours, of which each sample takes some bytes.</summary>
    private static async Task<BlockMeta> WriteAsync(IBlobStore blobs, BlockDescription block)
    {
        var series = Enumerable
            .Range(0, SeriesCount)
            .Select(n =>
                LabelSet.Of([
                    new Label("__name__", $"m{n}"),
                    new Label("instance", $"host-{n:D4}"),
                    new Label("job", "node"),
                    new Label("namespace", $"team-{n % 40}"),
                    new Label("pod", $"workload-{n / 3:x4}-{n * 7919 % 65536:x4}"),
                ])
            )
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
                writer.AddChunk(minMs, maxMs, ChunkEncoding.Xor, bytes);
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
            for (var i = 0; i < XorChunkBuilder.MaxSamples && !builder.IsFull; i++)
            {
                builder.Append(start + (i * 15_000), random.Next(8));
            }
            chunks.Add((builder.MinMs, builder.MaxMs, builder.Bytes.ToArray()));
        }
        return chunks;
    }

    /// <summary>
    /// Keeps chunk segments once: after their header they repeat the chunks of one series for each, which is checked as they
    /// are written. So a store of the size of a real one fits in memory.
    /// </summary>
    private sealed class PeriodicSegments(IBlobStore inner) : PassingBlobs(inner)
    {
        private readonly Dictionary<string, byte[]> kept = new(StringComparer.Ordinal);

        public override Task<BlobInfo> WriteAsync(
            string name,
            ReadOnlyMemory<byte> content,
            WriteCondition condition,
            CancellationToken cancellationToken
        )
        {
            if (!IsSegment(name))
            {
                return base.WriteAsync(name, content, condition, cancellationToken);
            }
            Keep(name, 0, content.Span);
            return base.WriteAsync(name, new byte[1], condition, cancellationToken);
        }

        public override Task StageAsync(
            string name,
            ulong upload,
            long offsetBytes,
            ReadOnlyMemory<byte> content,
            CancellationToken cancellationToken
        )
        {
            if (!IsSegment(name))
            {
                return base.StageAsync(name, upload, offsetBytes, content, cancellationToken);
            }
            Keep(name, offsetBytes, content.Span);
            return Task.CompletedTask;
        }

        public override Task<BlobInfo> CommitStagedAsync(
            string name,
            ulong upload,
            long lengthBytes,
            WriteCondition condition,
            CancellationToken cancellationToken
        ) =>
            IsSegment(name)
                ? base.WriteAsync(name, new byte[1], condition, cancellationToken)
                : base.CommitStagedAsync(name, upload, lengthBytes, condition, cancellationToken);

        public override Task<int> ReadAsync(
            string name,
            long offsetBytes,
            Memory<byte> destination,
            string? ifMatch,
            CancellationToken cancellationToken
        )
        {
            if (!IsSegment(name))
            {
                return base.ReadAsync(name, offsetBytes, destination, ifMatch, cancellationToken);
            }
            Copy(kept[name], offsetBytes, destination.Span);
            return Task.FromResult(destination.Length);
        }

        private static bool IsSegment(string name) => name.Contains("/chunks/", StringComparison.Ordinal);

        private static void Copy(byte[] period, long offset, Span<byte> destination)
        {
            for (var i = 0; i < destination.Length; )
            {
                var at = Place(period, offset + i);
                var count = Math.Min(period.Length - at, destination.Length - i);
                period.AsSpan(at, count).CopyTo(destination[i..]);
                i += count;
            }
        }

        /// <summary>Where in the header and the first period a byte of the segment is.</summary>
        private static int Place(byte[] period, long offset) =>
            offset < SegmentFormat.HeaderBytes
                ? (int)offset
                : SegmentFormat.HeaderBytes
                    + (int)((offset - SegmentFormat.HeaderBytes) % (period.Length - SegmentFormat.HeaderBytes));

        private void Keep(string name, long offset, ReadOnlySpan<byte> content)
        {
            if (!kept.TryGetValue(name, out var period))
            {
                // The first chunk's bytes come again where the second series begins.
                var chunks = content[SegmentFormat.HeaderBytes..];
                var first = chunks[..400];
                var length = 400 + chunks[400..].IndexOf(first);
                Assert.True(offset == 0 && length > 400);
                kept.Add(name, period = content[..(SegmentFormat.HeaderBytes + length)].ToArray());
            }
            var expected = new byte[content.Length];
            Copy(period, offset, expected);
            Assert.True(content.SequenceEqual(expected));
        }
    }

    /// <summary>Counts what is read and asked of the blobs, and what is asked of the tables.</summary>
    private sealed class CountingReads(IBlobStore inner, ITableStore tables) : PassingBlobs(inner)
    {
        private long bytes;
        private int operations;
        private long tablesBefore = tables.Operations.Total;

        public (long Bytes, int Operations) Take()
        {
            var tablesNow = tables.Operations.Total;
            var ofTables = (int)(tablesNow - tablesBefore);
            tablesBefore = tablesNow;
            return (Interlocked.Exchange(ref bytes, 0), Interlocked.Exchange(ref operations, 0) + ofTables);
        }

        public override IAsyncEnumerable<BlobInfo> ListAsync(string prefix, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref operations);
            return base.ListAsync(prefix, cancellationToken);
        }

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
            Interlocked.Increment(ref operations);
            return read;
        }
    }
}
