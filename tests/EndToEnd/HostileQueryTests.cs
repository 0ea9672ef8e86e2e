using System.Net;
using System.Text.Json;
using Tributary.Tests.EndToEnd.Hosting;
using Tributary.Tests.EndToEnd.Processes;
using Tributary.Tests.Unit.Stores;

namespace Tributary.Tests.EndToEnd;

/// <summary>A server that is asked for too much, in many ways at once: every question ends, and others are answered beside.</summary>
public sealed class HostileQueryTests(TributaryExecutable executable, AzuriteFixture azurite)
{
    private const string Config = """
        scrape_configs: []
        tributary:
          query:
            max_memory: 64MiB
        """;

    private const string ManySeries = "count_values(\"v\", vector(time()) or vector(time() + 1))";

    /// <summary>Queries with the types of error that they may end with; none is an answer.</summary>
    private static readonly (string Query, string ErrorType)[] Queries =
    [
        (Nested("(", "1", ")", 10_000), "bad_data"),
        (Nested("abs(", "vector(1)", ")", 400), ""),
        ("1" + new string(' ', 1024 * 1024), "bad_data"),
        ($"absent(m{{i=~\"{string.Join('|', Enumerable.Range(0, 10_000))}\"}})", ""),
        ("absent(m{i=~\"(a+)+(a+)+(a*)*$|(x|x|x)*y|.*.*.*.*.*.*=.*\"})", ""),
        ("m{i=~\"((a{1000}){1000}){1000}\"}", "bad_data"),
        (
            Nested(
                "label_replace(",
                "label_replace(vector(1),\"i\",\"xxxx\",\"\",\"\")",
                ",\"i\",\"$1$1$1$1\",\"i\",\"(.*)\")",
                60
            ),
            "execution"
        ),
        (Nested("max_over_time(", ManySeries, "[10h:1s])", 3), "execution"),
        ("sum_over_time((vector(time()) + time() + time() + 1)[10000s:1ms])", "execution"),
        ("sum_over_time(vector(1)[100y:1ms])", "execution"),
        ("topk(1e19, vector(1))", "execution"),
        ("vector(1) @ 1e300", "bad_data"),
        ("absent_over_time(m[290y] offset 2y)", ""),
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task HostileQueries_EndWithAnAnswerOrAnError_AndNormalOnesAreAnswered()
    {
        using var installation = await Installation.CreateAsync(Form.StandaloneLocal, executable, azurite);
        await using var server = await installation.StartAsync(Config);
        var hostile = Queries.Select(one => AskAsync(server.Http, one.Query)).ToList();
        for (var i = 0; i < 20; i++)
        {
            var (status, _, _) = await AskAsync(server.Http, "1 + 1");
            Assert.Equal(HttpStatusCode.OK, status);
        }
        foreach (var (question, answer) in Queries.Zip(await Task.WhenAll(hostile)))
        {
            var shown = $"{Cut(question.Query)}: {answer.Status} {Cut(answer.Error)}\n{server.Log}";
            Assert.True(string.Equals(question.ErrorType, answer.ErrorType, StringComparison.Ordinal), shown);
            Assert.True(question.ErrorType.Length == 0 || answer.Error.Length > 0, shown);
        }
        Assert.True((await server.Http.GetAsync("/-/healthy", Token)).IsSuccessStatusCode);
    }

    private static async Task<(HttpStatusCode Status, string ErrorType, string Error)> AskAsync(
        HttpClient http,
        string query
    )
    {
        using var form = new FormUrlEncodedContent([
            new("query", query),
            new("start", "1700000000"),
            new("end", "1700003600"),
            new("step", "10"),
        ]);
        using var answer = await http.PostAsync("/api/v1/query_range", form, Token);
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Token));
        return answer.IsSuccessStatusCode
            ? (answer.StatusCode, "", "")
            : (
                answer.StatusCode,
                json.RootElement.GetProperty("errorType").GetString()!,
                json.RootElement.GetProperty("error").GetString()!
            );
    }

    private static string Cut(string text) => text.Length > 200 ? text[..200] + "…" : text;

    private static string Nested(string before, string inner, string after, int times) =>
        string.Concat(Enumerable.Repeat(before, times)) + inner + string.Concat(Enumerable.Repeat(after, times));
}
