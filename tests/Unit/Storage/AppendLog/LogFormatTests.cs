using Tributary.Binary;
using Tributary.Model;
using Tributary.Storage.AppendLog;

namespace Tributary.Tests.Unit.Storage.AppendLog;

public sealed class LogFormatTests
{
    private static readonly LogFileName File = new(
        Window.Of(LogBatches.NoonMs),
        Ulid.Create(LogBatches.NoonMs, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    );

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 3)]
    [InlineData(3, 40)]
    [InlineData(4, 300)]
    public void EncodeDecode_RandomBatches_RoundTripBitForBit(int seed, int size)
    {
        var random = new Random(seed);
        var batches = LogBatches
            .Sequence(random, "a", 30, size, 15_000)
            .Zip(LogBatches.Sequence(random, "b", 30, size, 15_000))
            .SelectMany(pair => new[] { pair.First, pair.Second })
            .ToList();
        var bytes = Encode(batches);
        var decoded = Decode(bytes, pieces: random);
        Assert.Equal(batches.Count, decoded.Count);
        foreach (var (batch, part) in batches.Zip(decoded))
        {
            Assert.Equal(batch.Source, part.Part.Source);
            Assert.Equal(batch.TickMs, part.Part.TickMs);
            Assert.Equal(batch.Report, part.Part.Report);
            Assert.Equal(LogBatches.Samples(batch.Scraped).Concat(LogBatches.Samples(batch.Added)), part.Samples);
        }
    }

    [Fact]
    public void Decode_EveryPrefix_YieldsWholePartsOnly()
    {
        var batches = LogBatches.Sequence(new Random(5), "a", 4, 3, 15_000).ToList();
        var bytes = Encode(batches);
        var whole = Decode(bytes, pieces: null);
        for (var length = 0; length < bytes.Length; length++)
        {
            var decoded = Decode(bytes[..length], pieces: null);
            Assert.True(decoded.Count < whole.Count);
            Assert.Equal(
                whole.Take(decoded.Count).SelectMany(part => part.Samples),
                decoded.SelectMany(part => part.Samples)
            );
        }
    }

    [Fact]
    public void Decode_EveryFlippedBit_IsANamedErrorOrLeavesTheTailOut()
    {
        var bytes = Encode(LogBatches.Sequence(new Random(6), "a", 2, 3, 15_000).ToList());
        var whole = Decode(bytes, pieces: null).SelectMany(part => part.Samples).ToList();
        var errors = 0;
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            var broken = bytes.ToArray();
            broken[bit / 8] ^= (byte)(1 << (bit % 8));
            try
            {
                var samples = Decode(broken, pieces: null).SelectMany(part => part.Samples).ToList();
                Assert.True(samples.Count < whole.Count);
                Assert.Equal(whole.Take(samples.Count), samples);
            }
            catch (CorruptDataException exception)
            {
                Assert.Equal(File.ToString(), exception.Blob);
                Assert.InRange(exception.OffsetBytes, 0, bytes.Length);
                errors++;
            }
        }
        Assert.True(errors > bytes.Length * 6);
    }

    [Fact]
    public void Encode_SteadyState_RepeatsNeitherLabelsNorLists()
    {
        var encoder = new LogEncoder(File, LogBatches.NoonMs);
        var series = new SeriesList([.. Enumerable.Range(0, 1000).Select(LogBatches.Series)]);
        var sizes = Enumerable
            .Range(0, 20)
            .Select(tick =>
            {
                var tickMs = LogBatches.NoonMs + (tick * 15_000L);
                var columns = new SampleColumns(
                    series,
                    Enumerable.Repeat(tickMs - 5, 1000).ToArray(),
                    Enumerable.Range(0, 1000).Select(i => i % 3 == 0 ? (double)(tick * i) : i).ToArray()
                );
                return Encode(encoder, LogBatches.Of("a", tickMs, columns)).Length;
            })
            .ToList();
        Assert.All(sizes.Skip(1), size => Assert.InRange(size, 100, 1100));
    }

    [Fact]
    public void Encode_ABatchLargerThanAnAppend_IsCutBetweenRecordsAndCountsWithItsEndOnly()
    {
        var random = new Random(9);
        const int count = 700_000;
        var series = new SeriesList([.. Enumerable.Range(0, count).Select(LogBatches.Series)]);
        var values = Enumerable.Range(0, count).Select(_ => random.NextDouble()).ToArray();
        var columns = new SampleColumns(series, Enumerable.Repeat(LogBatches.NoonMs, count).ToArray(), values);
        var encoder = new LogEncoder(File, LogBatches.NoonMs);
        var blocks = Blocks(encoder, LogBatches.Of("big", LogBatches.NoonMs, columns));
        Assert.True(blocks.Count > 2);
        Assert.All(blocks, block => Assert.InRange(block.Length, 1, 4 * 1024 * 1024));
        Assert.Empty(Decode(blocks.Take(blocks.Count - 1).SelectMany(block => block).ToArray(), pieces: null));
        var decoded = Assert.Single(Decode(blocks.SelectMany(block => block).ToArray(), pieces: null));
        Assert.Equal(count + 1, decoded.Samples.Count);
        Assert.Equal(
            values,
            decoded.Samples.Take(count).Select(sample => BitConverter.UInt64BitsToDouble(sample.Bits))
        );
    }

    [Fact]
    public void Restart_AtLeastEveryFiveMinutes_LetsAReaderBeginThere()
    {
        var batches = LogBatches.Sequence(new Random(11), "a", 100, 5, 15_000).ToList();
        var parts = Decode(Encode(batches), pieces: null).Select(part => part.Part).ToList();
        var restarts = parts.Where(part => part.Columns[0].Restart).Select(part => part.TickMs).ToList();
        Assert.True(restarts.Count >= 5);
        Assert.All(restarts.Zip(restarts.Skip(1)), pair => Assert.True(pair.Second - pair.First <= 300_000));
    }

    [Theory]
    [InlineData("log/1699999200000/01HF7YAT00000000000000000A.log", true)]
    [InlineData("log/1699999200001/01HF7YAT00000000000000000A.log", false)]
    [InlineData("log/1699999200000/01HF7YAT00000000000000000U.log", false)]
    [InlineData("log/1699999200000/x/01HF7YAT00000000000000000A.log", false)]
    [InlineData("blocks/1699999200000/01HF7YAT00000000000000000A.log", false)]
    public void FileName_IsReadBackOrRefused(string name, bool good)
    {
        Assert.Equal(good, LogFileName.TryParse(name, out var parsed));
        Assert.Equal(good ? name : parsed.ToString(), parsed.ToString());
    }

    private static byte[] Encode(IReadOnlyList<Batch> batches)
    {
        var encoder = new LogEncoder(File, LogBatches.NoonMs);
        return [.. batches.SelectMany(batch => Encode(encoder, batch))];
    }

    private static byte[] Encode(LogEncoder encoder, Batch batch) =>
        [.. Blocks(encoder, batch).SelectMany(block => block)];

    private static List<byte[]> Blocks(LogEncoder encoder, Batch batch) =>
        encoder.Encode(BatchPart.Split(batch), _ => [], _ => []).Blocks.Select(block => block.ToArray()).ToList();

    private static List<(LogPart Part, List<(string, long, ulong Bits)> Samples)> Decode(byte[] bytes, Random? pieces)
    {
        var decoder = new LogDecoder(File, new SeriesTable());
        var states = new SlotMap<ColumnState>();
        var parts = new List<LogPart>();
        for (var end = 0; end < bytes.Length; )
        {
            end = pieces is null ? bytes.Length : Math.Min(bytes.Length, end + pieces.Next(1, 500));
            decoder.Scan(bytes.AsMemory((int)decoder.OffsetBytes, end - (int)decoder.OffsetBytes), parts);
        }
        return parts
            .Select(part =>
                (
                    part,
                    part.Columns.SelectMany(column => LogBatches.Samples(decoder.Decode(column, states)).ToList())
                        .ToList()
                )
            )
            .ToList();
    }
}
