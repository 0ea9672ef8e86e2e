using System.Text;
using Tributary.Api;
using Tributary.Model;
using Tributary.PromQL.Evaluation;
using Tributary.PromQL.Syntax;
using Tributary.PromQL.Values;

namespace Tributary.Tests.Unit.Api;

public sealed class QueryJsonTests
{
    private static readonly Histogram Exponential = Histogram.OfFloats(
        HistogramLayout.OfIndexes(0, 0.001, [1, 2], [0], []),
        12,
        2,
        -1.5,
        [3, 4, 3]
    );

    private static readonly Histogram Custom = Histogram.OfFloats(
        HistogramLayout.OfIndexes(HistogramLayout.CustomSchema, 0, [0, 1, 2], [], [0.5, 2]),
        6,
        0,
        4,
        [1, 0, 5]
    );

    private static QueryResult Vector(params ResultSeries[] series) =>
        new()
        {
            Type = ExpressionType.Vector,
            Grid = StepGrid.Instant(1_700_000_000_500),
            Series = series,
            Statistics = new QueryStatistics(),
        };

    [Fact]
    public void Vector_HasLabelsTimesAndValues()
    {
        var result = Vector(
            new ResultSeries(LabelSet.Of("__name__", "up", "path", "C:\\dir\n\"ü\"\u0001"), new double[] { 0.25 }),
            new ResultSeries(LabelSet.Empty, new[] { double.NaN })
        );
        Assert.Equal(
            """{"status":"success","data":{"resultType":"vector","result":[{"metric":{"__name__":"up","path":"C:\\dir\n\"ü\"\u0001"},"value":[1700000000.500,"0.25"]},{"metric":{},"value":[1700000000.500,"NaN"]}]}}""",
            Write(result)
        );
    }

    [Fact]
    public void Vector_OfHistograms_HasTheirBuckets()
    {
        var result = Vector(
            new ResultSeries(LabelSet.Empty, new[] { Absent.Value }, new Histogram?[] { Exponential }),
            new ResultSeries(LabelSet.Of("a", "b"), new[] { Absent.Value }, new Histogram?[] { Custom })
        );
        Assert.Equal(
            """{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"histogram":[1700000000.500,{"count":"12","sum":"-1.5","buckets":[[1,"-1","-0.5","3"],[3,"-0.001","0.001","2"],[0,"1","2","3"],[0,"2","4","4"]]}]},{"metric":{"a":"b"},"histogram":[1700000000.500,{"count":"6","sum":"4","buckets":[[3,"-Inf","0.5","1"],[0,"2","+Inf","5"]]}]}]}}""",
            Write(result)
        );
    }

    [Fact]
    public void Matrix_LeavesOutStepsWithoutValue_AndKeepsFloatsAndHistogramsApart()
    {
        var result = new QueryResult
        {
            Type = ExpressionType.Matrix,
            Grid = new StepGrid(-500, 1000, 4),
            Series =
            [
                new ResultSeries(
                    LabelSet.Empty,
                    new[] { 1, Absent.Value, double.PositiveInfinity, Absent.Value },
                    new Histogram?[] { null, null, null, Custom.Compact() }
                ),
                new ResultSeries(LabelSet.Of("a", "b"), new[] { 1e21, -0.0, 1e-7, 1e6 }),
            ],
            Statistics = new QueryStatistics(),
        };
        Assert.Equal(
            """{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[-0.500,"1"],[1.500,"+Inf"]],"histograms":[[2.500,{"count":"6","sum":"4","buckets":[[3,"-Inf","0.5","1"],[0,"2","+Inf","5"]]}]]},{"metric":{"a":"b"},"values":[[-0.500,"1e+21"],[0.500,"-0"],[1.500,"1e-07"],[2.500,"1000000"]]}]}}""",
            Write(result)
        );
    }

    [Fact]
    public void Matrix_OfAnInstantQuery_HasTheSamplesOwnTimes()
    {
        var result = Vector(
            new ResultSeries(LabelSet.Empty, new double[] { 1, 2 }, null, new long[] { 1001, 2000 })
        ) with
        {
            Type = ExpressionType.Matrix,
        };
        Assert.Contains("""{"metric":{},"values":[[1.001,"1"],[2,"2"]]}""", Write(result), StringComparison.Ordinal);
    }

    [Fact]
    public void Answer_OfManyPoints_IsWrittenInPieces_AndTheSame()
    {
        var values = Enumerable.Range(0, 11_000).Select(i => i * 0.1).ToArray();
        var result = new QueryResult
        {
            Type = ExpressionType.Matrix,
            Grid = new StepGrid(0, 1000, values.Length),
            Series = [.. Enumerable.Range(0, 5).Select(i => new ResultSeries(LabelSet.Of("i", $"{i}"), values))],
            Statistics = new QueryStatistics(),
        };
        var pieces = new QueryJson(result, false, []).Pieces().Select(piece => piece.Length).ToList();
        Assert.True(pieces.Count > 5 && pieces.Max() < 80_000, string.Join(' ', pieces));
        using var json = System.Text.Json.JsonDocument.Parse(Write(result));
        var last = json.RootElement.GetProperty("data").GetProperty("result")[4].GetProperty("values")[10_999];
        Assert.Equal((10_999, values[10_999]), (last[0].GetInt32(), double.Parse(last[1].GetString()!)));
    }

    [Fact]
    public void Scalar_AndText_StandAlone()
    {
        var scalar = Vector(new ResultSeries(LabelSet.Empty, new double[] { 31 })) with
        {
            Type = ExpressionType.Scalar,
        };
        var text = Vector() with { Type = ExpressionType.String, Text = "a\"b" };
        Assert.Contains(
            """{"resultType":"scalar","result":[1700000000.500,"31"]}""",
            Write(scalar),
            StringComparison.Ordinal
        );
        Assert.Contains(
            """{"resultType":"string","result":[1700000000.500,"a\"b"]}""",
            Write(text),
            StringComparison.Ordinal
        );
    }

    /// <summary>Unlike the values of series.</summary>
    [Theory]
    [InlineData(1e-7, "0.0000001", "1e-07")]
    [InlineData(-1e21, "-1000000000000000000000", "-1e+21")]
    [InlineData(double.NegativeZero, "-0", "-0")]
    [InlineData(double.NegativeInfinity, "-Inf", "-Inf")]
    public void Scalar_HasNoExponent(double value, string expected, string ofSeries)
    {
        var vector = Vector(new ResultSeries(LabelSet.Empty, new[] { value }));
        Assert.Contains(
            $",\"{expected}\"]",
            Write(vector with { Type = ExpressionType.Scalar }),
            StringComparison.Ordinal
        );
        Assert.Contains($",\"{ofSeries}\"]", Write(vector), StringComparison.Ordinal);
    }

    [Fact]
    public void Answer_TellsHintsAndStatistics()
    {
        var result = Vector() with
        {
            Warnings = ["careful"],
            Infos = ["by the way"],
            Statistics = new QueryStatistics
            {
                EvalTotalTime = 0.5,
                TotalQueryableSamples = 3,
                PeakSamples = 2,
                SamplesRead = 4,
                TotalQueryableSamplesPerStep = [3],
            },
        };
        Assert.Equal(
            """{"status":"success","data":{"resultType":"vector","result":[],"stats":{"timings":{"evalTotalTime":0.5,"resultSortTime":0,"queryPreparationTime":0,"innerEvalTime":0,"execQueueTime":0,"execTotalTime":0},"samples":{"totalQueryableSamplesPerStep":[[1700000000.500,3]],"totalQueryableSamples":3,"samplesRead":4,"peakSamples":2}}},"warnings":["careful","more"],"infos":["by the way"]}""",
            Write(result, true, "more")
        );
    }

    private static string Write(QueryResult result, bool withStatistics = false, params string[] warnings)
    {
        var text = new StringBuilder();
        foreach (var piece in new QueryJson(result, withStatistics, warnings).Pieces())
        {
            text.Append(Encoding.UTF8.GetString(piece.Span));
        }
        return text.ToString();
    }
}
