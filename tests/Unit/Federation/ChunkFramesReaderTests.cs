using Tributary.Binary;
using Tributary.Exposition;
using Tributary.Federation;
using Tributary.Model;
using Tributary.Scraping;
using Tributary.Storage.Chunks;
using Tributary.Tests.Unit.Model;
using Tributary.Tests.Unit.Simulation;

namespace Tributary.Tests.Unit.Federation;

public sealed class ChunkFramesReaderTests
{
    private static readonly LabelSet First = LabelSet.Of("__name__", "a", "x", "1");
    private static readonly LabelSet Second = LabelSet.Of("__name__", "a", "x", "1", "y", "2");

    [Fact]
    public void Frames_GiveTimesAndBits_OnEveryCut()
    {
        var bytes = Frames();
        var whole = Read(bytes, bytes.Length, out var markers);

        Assert.Equal(500 + 4, whole.Count);
        Assert.Contains($"{Second} 1700000000001 7ff8000000000001", whole);
        Assert.Contains($"{Second} 1700000000002 0000000000000001", whole);
        Assert.Equal([new SeriesEnd(Second, 1_700_000_000_003, false)], markers);
        for (var piece = 1; piece < bytes.Length; piece += piece < 20 ? 1 : 211)
        {
            Assert.Equal(whole, Read(bytes, piece, out _));
        }
    }

    [Fact]
    public void Samples_OutsideTheRangeAreLeftOut()
    {
        var body = Answers.Body();
        body.BeginAnswer(1_700_000_000_001, 1_700_000_000_004);
        Read(body, Frames(), 1000);

        Assert.Equal(
            [$"{Second} 1700000000002 0000000000000001", $"{Second} 1700000000004 3ff0000000000000"],
            Answers.Samples(body).Where(one => one.StartsWith(Second.ToString(), StringComparison.Ordinal))
        );
    }

    [Fact]
    public void Samples_ThatAreStoredAreNotTakenAgain()
    {
        var body = Answers.Body();
        Read(body, Frames(), 1000);
        Assert.Equal(504, Answers.Samples(body).Count);
        body.Commit();
        Answers.Begin(body);
        Read(body, Frames(), 1000);
        Assert.Empty(Answers.Samples(body));
        Assert.Empty(body.Markers());
        // What was pulled and never got into the log comes again.
        Answers.Begin(body);
        var output = new ByteWriter();
        ReadFrames.Write(output, First, [new Sample(1_800_000_000_000, 1)]);
        Read(body, output.WrittenSpan.ToArray(), 1000);
        Assert.Single(Answers.Samples(body));
        Answers.Begin(body);
        Read(body, output.WrittenSpan.ToArray(), 1000);
        Assert.Single(Answers.Samples(body));
    }

    [Fact]
    public void WhatFailedIsTakenBack_AndComesAgain()
    {
        var body = Answers.Body();
        var mark = body.Mark();
        Read(body, Frames(), 1000);
        body.Rollback(mark);
        Assert.Equal(0, body.Count);
        Read(body, Frames(), 1000);

        Assert.Equal(504, Answers.Samples(body).Count);
        Assert.Single(body.Markers());
    }

    [Fact]
    public void Histograms_AreTheSameAsTheyWere()
    {
        var histogram = Histogram.Stale;
        var chunks = new List<ChunkData>();
        var value = Histograms.Integers(0, 1, 2, 3);
        SampleChunks.Encode([new HistogramSample(1_700_000_000_000, value), new(1_700_000_015_000, histogram)], chunks);
        var output = new ByteWriter();
        ReadFrames.Write(output, First, chunks);
        var kept = Answers.Body(wantsHistograms: true);
        Read(kept, output.WrittenSpan.ToArray(), 100);
        var left = Answers.Body(wantsHistograms: false);
        Read(left, output.WrittenSpan.ToArray(), 100);

        var columns = kept.End();
        Assert.Equal(value, Assert.Single(columns.Histograms.ToArray()));
        Assert.Equal([new SeriesEnd(First, 1_700_000_015_000, true)], kept.Markers());
        Assert.Empty(Answers.Samples(left));
    }

    [Fact]
    public void HugeLength_IsRefusedBeforeMemoryIsTaken()
    {
        byte[] bytes = [0xff, 0xff, 0xff, 0xff, 0x7f, 1, 2, 3, 4];

        var error = Assert.Throws<SourceApiException>(() => Read(bytes, 9, out _));

        Assert.Contains("this is no stream of chunks", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WrongChecksum_IsRefused()
    {
        var bytes = Frames();
        bytes[^1] ^= 1;

        var error = Assert.Throws<SourceApiException>(() => Read(bytes, 100, out _));

        Assert.Contains("checksum", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AnotherEncoding_IsRefusedByItsNumber()
    {
        var output = new ByteWriter();
        ReadFrames.Write(
            output,
            First,
            [new ChunkData((ChunkEncoding)9, 1, 1_700_000_000_000, 1, new byte[] { 0, 1 })]
        );

        var error = Assert.Throws<SourceApiException>(() => Read(output.WrittenSpan.ToArray(), 100, out _));

        Assert.Equal(SourceApiProblem.Refused, error.Problem);
        Assert.Contains("encoding 9", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void DamagedChunks_EndInAnErrorOrInSamples_WhateverTheDamage()
    {
        for (var seed = 0; seed < 2000; seed++)
        {
            var random = new SeededRandom((ulong)seed);
            var chunks = new List<ChunkData>();
            SampleChunks.Encode(Floats(50, random), chunks);
            var bytes = chunks[0].Bytes.ToArray();
            for (var i = 0; i < 1 + random.Next(4); i++)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }
            var encoding = (ChunkEncoding)(1 + random.Next(3));
            var output = new ByteWriter();
            ReadFrames.Write(output, First, [chunks[0] with { Bytes = bytes, Encoding = encoding }]);
            var problem = Record.Exception(() =>
                Read(Answers.Body(wantsHistograms: true), output.WrittenSpan.ToArray(), 1 + random.Next(100))
            );
            Assert.True(
                problem is null or SourceApiException or ScrapeException or ExpositionException,
                $"seed {seed}: {problem}"
            );
        }
    }

    [Fact]
    public void DamagedFrames_EndInAnErrorOrInSamples_WhateverTheDamage()
    {
        var good = Frames();
        for (var seed = 0; seed < 2000; seed++)
        {
            var random = new SeededRandom((ulong)seed);
            var bytes = good[..^random.Next(50)];
            for (var i = 0; i < 1 + random.Next(4); i++)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }
            var problem = Record.Exception(() => Read(bytes, 1 + random.Next(bytes.Length), out _));
            Assert.True(
                problem is null or SourceApiException or ScrapeException or ExpositionException,
                $"seed {seed}: {problem}"
            );
        }
    }

    private static byte[] Frames()
    {
        var output = new ByteWriter();
        ReadFrames.Write(output, First, Floats(500, new SeededRandom(1)));
        ReadFrames.Write(
            output,
            Second,
            [
                new Sample(1_700_000_000_000, -0.0),
                new Sample(1_700_000_000_001, BitConverter.UInt64BitsToDouble(0xfff8000000000abc)),
                new Sample(1_700_000_000_002, double.Epsilon),
                new Sample(1_700_000_000_003, StaleMarker.Value),
                new Sample(1_700_000_000_004, 1),
            ]
        );
        return output.WrittenSpan.ToArray();
    }

    private static List<Sample> Floats(int count, SeededRandom random) =>
        [
            .. Enumerable
                .Range(0, count)
                .Select(i => new Sample(
                    1_700_000_000_000 + i * 15_000 + random.Next(3),
                    random.NextDouble() * random.Next(1000)
                )),
        ];

    private static List<string> Read(byte[] bytes, int piece, out IReadOnlyList<SeriesEnd> markers)
    {
        var body = Answers.Body();
        Read(body, bytes, piece);
        var samples = Answers.Samples(body);
        markers = body.Markers();
        return samples;
    }

    private static void Read(PulledBody body, byte[] bytes, int piece)
    {
        var reader = new ChunkFramesReader(body);
        reader.Begin(0, long.MaxValue);
        Answers.Read(bytes, piece, reader.Read);
    }
}
