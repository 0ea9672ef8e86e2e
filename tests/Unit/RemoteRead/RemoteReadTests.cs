using System.Buffers;
using Tributary.Binary;
using Tributary.Exposition;
using Tributary.Model;
using Tributary.PromQL.Syntax;
using Tributary.RemoteRead;
using Tributary.Storage.Chunks;
using Tributary.Storage.Selection;

namespace Tributary.Tests.Unit.RemoteRead;

public sealed class RemoteReadTests
{
    private static readonly LabelSet External = LabelSet.Of("region", "eu", "job", "mine");
    private static readonly LabelSet Series = LabelSet.Of("__name__", "up", "job", "a");
    private static readonly TimeRange All = new(long.MinValue, long.MaxValue);

    [Fact]
    public void Samples_HaveTheExternalLabelsThatTheSeriesLacks()
    {
        var answer = new SamplesAnswer(External);
        answer.Add([Floats(All, 2)], 0);
        answer.Add([], 0);
        answer.Add([Floats(All, 1)], 0);
        Assert.Equal(
            [
                $"0 __name__=up,job=a,region=eu 0 {Bits(0)}",
                $"0 __name__=up,job=a,region=eu 1000 {Bits(1)}",
                $"2 __name__=up,job=a,region=eu 0 {Bits(0)}",
            ],
            ReadAnswer.Samples(answer.Finish().ToArray())
        );
    }

    [Fact]
    public void Samples_OfMoreThanTheLimit_AreRefused()
    {
        var answer = new SamplesAnswer(LabelSet.Empty);
        var error = Assert.Throws<ReadRequestException>(() => answer.Add([Floats(All, 3), Floats(All, 3)], 5));
        Assert.Equal("exceeded sample limit (5)", error.Message);
    }

    [Fact]
    public void Chunks_InsideTheRange_AreSentAsTheyAre_AndOthersAreCut()
    {
        var whole = Chunks(Floats(All, 100), 1 << 20, out _);
        Assert.Equal(100, whole.Count);
        var cut = Chunks(Floats(new TimeRange(10_000, 19_000), 100), 1 << 20, out _);
        Assert.Equal(whole.Skip(10).Take(10), cut);
        Assert.Empty(Chunks(Floats(new TimeRange(-5, -1), 100), 1 << 20, out _));
    }

    [Fact]
    public void Frames_EndAfterTheirLimit_AndHoldAllSamples()
    {
        var lines = Chunks(Floats(All, 5000), 2000, out var frames);
        Assert.Equal(5000, lines.Count);
        Assert.True(frames.Count > 3 && frames.Max() < 2000 + 1200, string.Join(' ', frames));
    }

    [Fact]
    public void Histograms_AreSentInBothForms()
    {
        var value = Histogram.OfIntegers(HistogramLayout.OfIndexes(0, 0.001, [1, 2], [-1], []), 10, 1, 2.5, [3, 4, 2]);
        var data = new List<ChunkData>();
        SampleChunks.Encode([new HistogramSample(0, value), new HistogramSample(1000, value)], data);
        SampleChunks.Encode([new Sample(2000, 7)], data);
        string[] expected =
        [
            $"0 __name__=up,job=a 0 histogram {Bits(2.5)}",
            $"0 __name__=up,job=a 1000 histogram {Bits(2.5)}",
            $"0 __name__=up,job=a 2000 {Bits(7)}",
        ];
        foreach (var range in (TimeRange[])[All, new TimeRange(0, 2000), new TimeRange(-1, 2500)])
        {
            var selected = Selected(range, data);
            Assert.Equal(expected, Chunks(selected, 1 << 20, out _));
            var answer = new SamplesAnswer(LabelSet.Empty);
            answer.Add([selected], 0);
            Assert.Equal(
                expected.Order(StringComparer.Ordinal),
                ReadAnswer.Samples(answer.Finish().ToArray()).Order(StringComparer.Ordinal)
            );
        }
        Assert.Equal(expected[1..2], Chunks(Selected(new TimeRange(500, 1500), data), 1 << 20, out _));
    }

    [Fact]
    public void Query_ForAnExternalLabel_AsksForSeriesWithoutIt()
    {
        var query = new ReadQuery(
            new TimeRange(1, 2),
            [
                new LabelMatcher("region", MatchOperator.Equal, "eu"),
                new LabelMatcher("region", MatchOperator.NotEqual, "eu"),
                new LabelMatcher("job", MatchOperator.Equal, "other"),
            ]
        );
        Assert.Equal(
            ["region=\"\"", "region!=\"eu\"", "job=\"other\""],
            query.Within(External).Matchers.Select(matcher => matcher.ToString())
        );
    }

    [Theory]
    [InlineData(new ulong[0], false)]
    [InlineData(new ulong[] { 0 }, false)]
    [InlineData(new ulong[] { 1, 0 }, true)]
    [InlineData(new ulong[] { 7, 1 }, true)]
    public void Request_TakesTheFirstTypeThatThereIs(ulong[] types, bool isChunked)
    {
        Assert.Equal(isChunked, ReadRequest.Parse(Request(types)).IsChunked);
    }

    [Fact]
    public void Request_OfNoTypeThatThereIs_IsRefused()
    {
        var error = Assert.Throws<ReadRequestException>(() => ReadRequest.Parse(Request(7)));
        Assert.Contains(
            "does not support any of the requested response types",
            error.Message,
            StringComparison.Ordinal
        );
    }

    private static byte[] Request(params ulong[] types)
    {
        var message = new ByteWriter();
        foreach (var type in types)
        {
            message.WriteNumber(2, type);
        }
        var block = new ByteWriter();
        SnappyBlock.Encode(message.WrittenSpan, block);
        return block.WrittenSpan.ToArray();
    }

    private static SelectedChunks Floats(TimeRange range, int count)
    {
        var data = new List<ChunkData>();
        SampleChunks.Encode([.. Enumerable.Range(0, count).Select(i => new Sample(i * 1000L, i))], data);
        return Selected(range, data);
    }

    private static SelectedChunks Selected(TimeRange range, List<ChunkData> data) =>
        new(Series, range, [.. data.Select(chunk => new SelectedChunk(chunk, new ChunkOrigin(0, "test", All), [], 0))]);

    private static List<string> Chunks(SelectedChunks selected, int maxFrameBytes, out List<int> frames)
    {
        var body = new ArrayBufferWriter<byte>();
        new ChunkFrames(LabelSet.Empty, maxFrameBytes).Write(body, 0, selected);
        frames = [];
        return ReadAnswer.Chunks(body.WrittenSpan.ToArray(), frames);
    }

    private static string Bits(double value) => BitConverter.DoubleToInt64Bits(value).ToString("x");
}
