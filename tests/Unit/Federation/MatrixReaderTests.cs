using System.Text;
using Tributary.Federation;
using Tributary.Model;
using Tributary.Scraping;
using Tributary.Tests.Unit.Simulation;

namespace Tributary.Tests.Unit.Federation;

public sealed class MatrixReaderTests
{
    private const string Matrix = """
        {"status":"success","data":{"resultType":"matrix","result":[
         {"metric":{"__name__":"up","instance":"a:1","q":"x\"}{,\\\n\u00e4"},"values":[[1435781430.781,"1"],[1435781445.781,"-0"]]},
         {"metric":{"__name__":"other"},"values":[[1435781430,"NaN"],[1435781431.5,"+Inf"],[1435781432.05,"-Inf"],[1435781433.001,"1.7976931348623157e+308"],[1435781434,"5e-324"],[1435781435,"0.1"],[1435781436,"123456789012345680000"]]}
         ,{"metric":{"__name__":"hist"},"histograms":[[1435781430,{"count":"5","sum":"1","buckets":[[1,"0","]}",2]]}]]}
        ],"more":{"a":[1,2,{"b":"}"}]}},"infos":["so"],"n":-1.5e3,"t":true}
        """;

    [Fact]
    public void Answer_GivesExactTimesAndBits_OnEveryCut()
    {
        var bytes = Encoding.UTF8.GetBytes(Matrix);
        var whole = Read(bytes, bytes.Length);

        Assert.Equal(9, whole.Count);
        Assert.Contains($"{Up} 1435781430781 3ff0000000000000", whole);
        Assert.Contains($"{Up} 1435781445781 8000000000000000", whole);
        Assert.Contains("other{} 1435781430000 7ff8000000000001", whole);
        Assert.Contains("other{} 1435781431500 7ff0000000000000", whole);
        Assert.Contains("other{} 1435781432050 fff0000000000000", whole);
        Assert.Contains("other{} 1435781433001 7fefffffffffffff", whole);
        Assert.Contains("other{} 1435781434000 0000000000000001", whole);
        Assert.Contains("other{} 1435781435000 3fb999999999999a", whole);
        Assert.Contains("other{} 1435781436000 441ac53a7e04bcda", whole);
        for (var piece = 1; piece < bytes.Length; piece += piece < 40 ? 1 : 37)
        {
            Assert.Equal(whole, Read(bytes, piece));
        }
    }

    [Fact]
    public void Answer_IsReadTheSameAgain_WhenItsSeriesAreKnown()
    {
        var bytes = Encoding.UTF8.GetBytes(Matrix);
        var body = Answers.Body();
        Read(body, bytes, bytes.Length);
        var first = Answers.Samples(body);
        body.Commit();
        Answers.Begin(body);
        Read(body, bytes, 13);
        var again = Answers.Samples(body);
        Answers.Begin(body);
        Read(body, Encoding.UTF8.GetBytes(Matrix.Replace("14357814", "14357815", StringComparison.Ordinal)), 17);

        Assert.Equal(9, first.Count);
        Assert.Empty(again);
        Assert.Equal(9, Answers.Samples(body).Count);
    }

    [Theory]
    [InlineData("<html><body>Sign in</body></html>", "the answer is no JSON of a query: \"<html>")]
    [InlineData(
        "{\"status\":\"success\",\"data\":{\"resultType\":\"scalar\",\"result\":[1,\"2\"]}}",
        "is a scalar instead"
    )]
    [InlineData("{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":{}}}", "the result is no list")]
    [InlineData("{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[1]}}", "a series is wanted")]
    [InlineData("{\"status\":\"success\",\"data\":{\"result\":[{\"metric\":[]}]}}", "the labels are no object")]
    [InlineData("{\"status\":\"success\",\"data\":{\"result\":[{\"metric\":{\"a\":1}}]}}", "names with texts")]
    [InlineData("{\"status\":\"success\",\"data\":{\"result\":[{\"metric\":{\"a\":{}}}]}}", "a label is no text")]
    [InlineData(
        "{\"status\":\"success\",\"data\":{\"result\":[{\"values\":[[1,\"1\"]],\"metric\":{}}]}}",
        "in front of"
    )]
    [InlineData("{\"data\":{\"result\":[{\"metric\":{\"__name__\":\"a\"},\"values\":[[1,2]]}]}}", "a value in quotes")]
    [InlineData(
        "{\"data\":{\"result\":[{\"metric\":{\"__name__\":\"a\"},\"values\":[[\"1\",\"2\"]]}]}}",
        "a time in seconds"
    )]
    [InlineData("{\"data\":{\"result\":[{\"metric\":{\"__name__\":\"a\"},\"values\":[[1,\"x\"]]}]}}", "not a value")]
    [InlineData(
        "{\"data\":{\"result\":[{\"metric\":{\"__name__\":\"a\"},\"values\":[[1,\"1\"][2,\"1\"]]}]}}",
        "a comma"
    )]
    [InlineData("{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[]}", "ends in the middle")]
    [InlineData("{\"status\":\"success\"}", "has no result")]
    [InlineData("{\"status\":\"error\",\"error\":\"no luck\",\"data\":{\"result\":[]}}", "\"error\": no luck")]
    [InlineData("{\"status\":\"success\",\"isPartial\":true,\"data\":{\"result\":[]}}", "is partial")]
    [InlineData("{\"status\":\"success\",\"data\":{\"result\":[]}} {", "behind the answer's end")]
    public void WrongAnswer_IsRefusedWithWhatIsWrong_OnEveryCut(string answer, string problem)
    {
        var bytes = Encoding.UTF8.GetBytes(answer);
        for (var piece = 1; piece <= bytes.Length; piece++)
        {
            var error = Assert.Throws<SourceApiException>(() => Read(bytes, piece));
            if (piece == bytes.Length)
            {
                Assert.Contains(problem, error.Message, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void Labels_BreakNoLimitUnnoticed()
    {
        var labels = string.Join(',', Enumerable.Range(0, 600).Select(i => $"\"l{i}\":\"x\""));
        var answer =
            $"{{\"status\":\"success\",\"data\":{{\"result\":[{{\"metric\":{{\"__name__\":\"a\",{labels}}},\"values\":[]}}]}}}}";

        var error = Assert.Throws<ScrapeException>(() => Read(Encoding.UTF8.GetBytes(answer), 100_000));

        Assert.Contains("more than 512 labels", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ASampleWithoutEnd_IsRefusedEarly()
    {
        var answer = """{"data":{"result":[{"metric":{"__name__":"a"},"values":[[1,"1""" + new string('1', 5000);

        Assert.Throws<SourceApiException>(() => Read(Encoding.UTF8.GetBytes(answer), 64));
    }

    [Fact]
    public void DamagedAnswers_EndInAnErrorOrInSamples_WhateverTheDamage()
    {
        var good = Encoding.UTF8.GetBytes(Matrix);
        for (var seed = 0; seed < 2000; seed++)
        {
            var random = new SeededRandom((ulong)seed);
            var bytes = (byte[])good.Clone();
            for (var i = 0; i < 1 + random.Next(4); i++)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }
            var damaged = bytes[..(bytes.Length - random.Next(20))];
            var problem = Record.Exception(() => Read(damaged, 1 + random.Next(damaged.Length)));
            Assert.True(problem is null or SourceApiException or ScrapeException, $"seed {seed}: {problem}");
        }
    }

    private static string Up => LabelSet.Of("__name__", "up", "instance", "a:1", "q", "x\"}{,\\\nä").ToString();

    private static List<string> Read(byte[] bytes, int piece)
    {
        var body = Answers.Body();
        Read(body, bytes, piece);
        return Answers.Samples(body);
    }

    private static void Read(PulledBody body, byte[] bytes, int piece)
    {
        var reader = new MatrixReader(body);
        Answers.Read(bytes, piece, reader.Read);
        reader.End();
    }
}
