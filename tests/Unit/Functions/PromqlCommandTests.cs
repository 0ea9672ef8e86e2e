using System.Text.Json;
using Tributary.Functions.CommandLine;
using Tributary.Functions.Serving;

namespace Tributary.Tests.Unit.Functions;

public sealed class PromqlCommandTests
{
    [Theory]
    [InlineData(PromqlRequest.FormatVerb, "sum  (up)by(job)", "sum by (job) (up)\n")]
    [InlineData(
        PromqlRequest.ParseVerb,
        "sum(rate(a[5m]))",
        """
            instant vector: sum(rate(a[5m]))
              instant vector: rate(a[5m])
                range vector: a[5m]
                  instant vector: a

            """
    )]
    public async Task Run_ValidQuery_PrintsIt(string verb, string query, string expected) =>
        Assert.Equal((ExitCode.Done, expected, ""), await RunAsync(new PromqlRequest(verb, query, false), ""));

    [Theory]
    [InlineData(null)]
    [InlineData("-")]
    public async Task Run_NoQuery_ReadsStandardInput(string? query) =>
        Assert.Equal(
            (ExitCode.Done, "a + b\n", ""),
            await RunAsync(new PromqlRequest(PromqlRequest.FormatVerb, query, false), "a\n+\nb\n")
        );

    [Theory]
    [InlineData(PromqlRequest.FormatVerb, "{\"query\":\"a \\u002B 1\"}")]
    [InlineData(
        PromqlRequest.ParseVerb,
        """
            {"type":"binaryExpr","op":"+","lhs":{"type":"vectorSelector","name":"a","offset":0,"offsetExpr":null,"timestamp":null,
            "startOrEnd":null,"anchored":false,"smoothed":false,"matchers":[{"name":"__name__","type":"=","value":"a"}]},
            "rhs":{"type":"numberLiteral","val":"1"},"bool":false,"matching":null}
            """
    )]
    public async Task Run_Json_PrintsJson(string verb, string expected)
    {
        var (code, output, error) = await RunAsync(new PromqlRequest(verb, "a+1", true), "");
        Assert.Equal((ExitCode.Done, ""), (code, error));
        using var found = JsonDocument.Parse(output);
        using var wanted = JsonDocument.Parse(expected);
        Assert.True(JsonElement.DeepEquals(wanted.RootElement, found.RootElement), output);
    }

    [Fact]
    public async Task Run_BrokenQuery_PointsAtThePlace() =>
        Assert.Equal(
            (
                ExitCode.Failed,
                "",
                "2:16: parse error: unexpected <op:/> in aggregation"
                    + Environment.NewLine
                    + "\tsum(\"é\" + a */ b)\n\t             ^\n"
            ),
            await RunAsync(new PromqlRequest(PromqlRequest.ParseVerb, "1 +\n\tsum(\"é\" + a */ b)", false), "")
        );

    private static async Task<(int Code, string Output, string Error)> RunAsync(PromqlRequest request, string input)
    {
        using var reader = new StringReader(input);
        await using var output = new StringWriter { NewLine = "\n" };
        await using var error = new StringWriter();
        var code = await PromqlCommand.RunAsync(request, reader, output, error);
        return (code, output.ToString(), error.ToString());
    }
}
