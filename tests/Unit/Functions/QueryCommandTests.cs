using System.Text.Json;
using Tributary.Functions.CommandLine;
using Tributary.Functions.Hosting;
using Tributary.Functions.Serving;
using Tributary.Model;
using Tributary.Storage.Selection;

namespace Tributary.Tests.Unit.Functions;

public sealed class QueryCommandTests
{
    private static readonly ServerState State = WebPlace.State with
    {
        Series = (_, _, _, _) =>
            Task.FromResult(new LookUp<LabelSet>([LabelSet.Of("__name__", "up", "job", "a")], ["careful"])),
        LabelValues = (name, _, _, _, _) => Task.FromResult(new LookUp<string>([name, "b"], [])),
    };

    [Theory]
    [InlineData("series", "up{job=\"a\"}\n", "warning: careful\n")]
    [InlineData("labels", "job\nb\n", "")]
    public async Task Server_IsAskedForLookUps(string verb, string expected, string expectedErrors)
    {
        await using var place = await WebPlace.StartAsync(State);
        var request = new QueryRequest(verb, ["up"])
        {
            Server = place.Server.Address.ToString(),
            Label = verb is "labels" ? "job" : null,
        };
        Assert.Equal((ExitCode.Done, expected, expectedErrors), await RunAsync(request));
    }

    [Theory]
    [InlineData(
        "labels",
        "cluster",
        "nothing: no series is named 'cluster' (the values of a label of that name: --label cluster)\n"
    )]
    [InlineData("labels", "{cluster=\"a\"}", "nothing\n")]
    [InlineData("series", "cluster", "nothing\n")]
    public async Task Nothing_IsSaid(string verb, string selector, string expected)
    {
        await using var place = await WebPlace.StartAsync(
            State with
            {
                Series = (_, _, _, _) => Task.FromResult(new LookUp<LabelSet>([], [])),
                LabelNames = (_, _, _, _) => Task.FromResult(new LookUp<string>([], [])),
            }
        );
        var request = new QueryRequest(verb, [selector]) { Server = place.Server.Address.ToString() };
        Assert.Equal((ExitCode.Done, "", expected), await RunAsync(request));
    }

    [Fact]
    public async Task Server_ThatRefuses_IsQuoted()
    {
        await using var place = await WebPlace.StartAsync(State);
        var request = new QueryRequest(QueryRequest.Instant, ["sum("])
        {
            Server = place.Server.Address.ToString(),
            Time = "nonsense",
        };
        var error = await Assert.ThrowsAsync<CommandException>(() => RunAsync(request));
        Assert.Contains("invalid time value for 'time'", error.Message, StringComparison.Ordinal);
        error = await Assert.ThrowsAsync<CommandException>(() =>
            RunAsync(request with { Verb = QueryRequest.Series, Texts = ["{"], Time = null })
        );
        Assert.Contains("400", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Storage_ThatIsNotThere_IsNamed()
    {
        var error = await Assert.ThrowsAsync<CommandException>(() =>
            RunAsync(new QueryRequest(QueryRequest.Instant, ["1"]))
        );
        Assert.Contains("there is no store at", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(
        """{"resultType":"vector","result":[{"metric":{"__name__":"up","a":"b"},"value":[1,"2"]},{"metric":{},"histogram":[1,{"count":"3","sum":"4"}]}]}""",
        "up{a=\"b\"}  2|{}         count 3, sum 4"
    )]
    [InlineData(
        """{"resultType":"matrix","result":[{"metric":{},"values":[[0,"1"],[0.5,"NaN"]]}]}""",
        "{}|  1970-01-01T00:00:00Z  1|  1970-01-01T00:00:00.5Z  NaN"
    )]
    [InlineData("""{"resultType":"scalar","result":[60,"7"]}""", "1970-01-01T00:01:00Z  7")]
    public void Text_ShowsEveryKindOfResult(string data, string expected)
    {
        using var json = JsonDocument.Parse(data);
        Assert.Equal(expected, string.Join('|', QueryText.Lines(json.RootElement)));
    }

    [Fact]
    public void Plot_DrawsEachSeriesWithItsLetter()
    {
        using var json = JsonDocument.Parse(
            """{"resultType":"matrix","result":[{"metric":{"i":"1"},"values":[[0,"0"],[60,"10"]]},{"metric":{"i":"2"},"values":[[30,"5"],[31,"+Inf"]]}]}"""
        );
        var lines = QueryPlot.Lines(json.RootElement, 60).ToList();
        Assert.Equal(16 + 2 + 2, lines.Count);
        Assert.StartsWith("        10 │", lines[0], StringComparison.Ordinal);
        Assert.EndsWith("a", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("         0 │a", lines[15], StringComparison.Ordinal);
        Assert.Contains("b", lines[7], StringComparison.Ordinal);
        Assert.Equal(["a  {i=\"1\"}", "b  {i=\"2\"}"], lines[^2..]);
    }

    [Fact]
    public void Plot_OfNothing_SaysSo()
    {
        using var json = JsonDocument.Parse("""{"resultType":"matrix","result":[]}""");
        Assert.Equal(["nothing to draw"], QueryPlot.Lines(json.RootElement, 60));
    }

    private static async Task<(int Code, string Output, string Errors)> RunAsync(QueryRequest request)
    {
        await using var output = new StringWriter { NewLine = "\n" };
        await using var error = new StringWriter { NewLine = "\n" };
        var settings = new Settings
        {
            Config = null,
            Storage = "local:/nonexistent/tributary",
            Listen = ListenAddress.Parse(ListenAddress.Default),
        };
        var code = await new QueryCommand(settings, request, output, error) { Width = 80 }.RunAsync();
        return (code, output.ToString(), error.ToString());
    }
}
