using System.Net;
using System.Text.Json;
using Tributary.Alerting;
using Tributary.Configuration;
using Tributary.Configuration.Rules;
using Tributary.Functions.Hosting;
using Tributary.Model;
using Tributary.Rules;

namespace Tributary.Tests.Unit.Functions;

/// <summary>Rules, alerts and Alertmanagers on the real server.</summary>
public sealed class RuleEndpointTests
{
    private const long AtMs = 1_700_000_000_500;

    private static readonly ServerState State = WebPlace.State with
    {
        Rules = Groups,
        Alertmanagers = () =>
            [
                new AlertmanagerSet(
                    new AlertmanagerConfig { Discovery = new ScrapeConfig { JobName = "1" } },
                    [new Uri("http://a/api/v2/alerts")],
                    [new Uri("https://b/p/api/v2/alerts")],
                    []
                ),
            ],
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Rules_All_HaveEveryField()
    {
        var group = (await AskAsync("/api/v1/rules?rule_group[]=second")).GetProperty("groups")[0];
        Assert.Equal(
            """
            {"name":"second","file":"a.yml","rules":[{"state":"firing","name":"Down","query":"up == 0","duration":300,"keepFiringFor":60,"labels":{"severity":"page"},"annotations":{"summary":"{{ $value }}"},"alerts":[{"labels":{"alertname":"Down","job":"a"},"annotations":{"summary":"0"},"state":"firing","activeAt":"2023-11-14T22:13:20.5Z","keepFiringSince":"2023-11-14T22:13:21.5Z","value":"-3.25e+01"}],"health":"ok","evaluationTime":0.25,"lastEvaluation":"2023-11-14T22:13:20.5Z","type":"alerting"},{"name":"job:up","query":"sum by (job) (up)","labels":{},"health":"err","lastError":"no luck","evaluationTime":0,"lastEvaluation":"0001-01-01T00:00:00Z","type":"recording"}],"interval":15,"limit":7,"evaluationTime":0.5,"lastEvaluation":"2023-11-14T22:13:20.5Z"}
            """,
            group.GetRawText().Replace("\\u003E", ">", StringComparison.Ordinal)
        );
    }

    [Theory]
    [InlineData("", "a.yml/first: R New; a.yml/second: Down job:up; b.yml/first: R")]
    [InlineData("?type=alert", "a.yml/first: New; a.yml/second: Down")]
    [InlineData("?type=Record", "a.yml/first: R; a.yml/second: job:up; b.yml/first: R")]
    [InlineData("?rule_name[]=R&rule_name[]=Down", "a.yml/first: R; a.yml/second: Down; b.yml/first: R")]
    [InlineData("?rule_group[]=first", "a.yml/first: R New; b.yml/first: R")]
    [InlineData("?file[]=b.yml", "b.yml/first: R")]
    [InlineData("?match[]={severity=\"page\"}&match[]={x=~\"y.*\"}", "a.yml/second: Down; b.yml/first: R")]
    [InlineData("?match[]={severity=\"none\"}", "")]
    [InlineData("?group_limit=5", "a.yml/first: R New; a.yml/second: Down job:up; b.yml/first: R")]
    public async Task Rules_Filters_LeaveOutRulesAndEmptyGroups(string query, string expected) =>
        Assert.Equal(expected, Text(await AskAsync($"/api/v1/rules{query}")));

    [Fact]
    public async Task Rules_Pages_GoThroughAllGroups()
    {
        var pages = new List<string>();
        var token = "";
        do
        {
            var data = await AskAsync($"/api/v1/rules?group_limit=1&type=record&group_next_token={token}");
            pages.Add(Text(data));
            token = data.TryGetProperty("groupNextToken", out var next) ? next.GetString()! : "";
        } while (token.Length > 0 && pages.Count < 9);
        Assert.Equal(["a.yml/first: R", "a.yml/second: job:up", "b.yml/first: R"], pages);
    }

    [Theory]
    [InlineData("group_limit=0", "invalid parameter \"group_limit\": group_limit needs to be greater than 0")]
    [InlineData("group_limit=x", "invalid parameter \"group_limit\": group_limit needs to be a valid number")]
    [InlineData(
        "group_limit=1&group_next_token=abc",
        "invalid parameter \"group_next_token\": invalid group_next_token 'abc'. were rule groups changed?"
    )]
    [InlineData(
        "exclude_alerts=maybe",
        "invalid parameter \"exclude_alerts\": error converting exclude_alerts: \"maybe\" is neither true nor false"
    )]
    public async Task Rules_BadParameter_IsRefused(string query, string error)
    {
        await using var place = await WebPlace.StartAsync(State);
        var (response, text) = await place.AskAsync("GET", $"/api/v1/rules?{query}");
        using var json = JsonDocument.Parse(text);
        Assert.Equal(
            (HttpStatusCode.BadRequest, error),
            (response.StatusCode, json.RootElement.GetProperty("error").GetString())
        );
    }

    [Fact]
    public async Task Rules_WithoutAlerts_HaveNone()
    {
        var groups = (await AskAsync("/api/v1/rules?exclude_alerts=true&rule_name[]=Down")).GetProperty("groups");
        Assert.Equal(JsonValueKind.Null, groups[0].GetProperty("rules")[0].GetProperty("alerts").ValueKind);
    }

    [Fact]
    public async Task Rules_NeverEvaluated_AreUnknown()
    {
        var groups = (await AskAsync("/api/v1/rules?rule_name[]=New")).GetProperty("groups");
        Assert.Equal("unknown", groups[0].GetProperty("rules")[0].GetProperty("state").GetString());
        Assert.Equal("unknown", groups[0].GetProperty("rules")[0].GetProperty("health").GetString());
    }

    [Fact]
    public async Task Alerts_AreThoseThatArePendingOrFiring()
    {
        var alert = Assert.Single((await AskAsync("/api/v1/alerts")).GetProperty("alerts").EnumerateArray());
        Assert.Equal("firing", alert.GetProperty("state").GetString());
    }

    [Fact]
    public async Task Alertmanagers_AreListedWithTheDroppedOnes() =>
        Assert.Equal(
            """{"activeAlertmanagers":[{"url":"http://a/api/v2/alerts"}],"droppedAlertmanagers":[{"url":"https://b/p/api/v2/alerts"}]}""",
            (await AskAsync("/api/v1/alertmanagers")).GetRawText()
        );

    private static async Task<JsonElement> AskAsync(string path)
    {
        await using var place = await WebPlace.StartAsync(State);
        using var json = JsonDocument.Parse(await place.Client.GetStringAsync(new Uri(path, UriKind.Relative), Token));
        return json.RootElement.GetProperty("data").Clone();
    }

    private static string Text(JsonElement data) =>
        string.Join(
            "; ",
            data.GetProperty("groups")
                .EnumerateArray()
                .Select(group =>
                    $"{group.GetProperty("file").GetString()}/{group.GetProperty("name").GetString()}: "
                    + string.Join(
                        ' ',
                        group.GetProperty("rules").EnumerateArray().Select(rule => rule.GetProperty("name").GetString())
                    )
                )
        );

    private static IReadOnlyList<RuleGroupStatus> Groups()
    {
        const string First = "groups: [{name: first, rules: [{record: R, expr: up, labels: {x: Y}}]}]";
        const string Others = """
            groups:
            - name: second
              interval: 15s
              limit: 7
              rules:
              - alert: Down
                expr: up == 0
                for: 5m
                keep_firing_for: 1m
                labels: {severity: page}
                annotations: {summary: '{{ $value }}'}
              - {record: 'job:up', expr: sum by (job) (up)}
            - name: first
              rules: [{record: R, expr: up}, {alert: New, expr: up}]
            """;
        var options = new RuleFileOptions();
        var second = RuleFileReader.Read(Others, "a.yml", options);
        var first = RuleFileReader.Read(First.Replace("Y", "yes", StringComparison.Ordinal), "b.yml", options);
        return
        [
            .. first.Select(Unevaluated),
            Unevaluated(second[0]) with
            {
                LastEvaluationMs = AtMs,
                EvaluationTime = TimeSpan.FromMilliseconds(500),
                Rules =
                [
                    new RuleStatus(second[0].Rules[0])
                    {
                        Health = RuleHealth.Good,
                        LastEvaluationMs = AtMs,
                        EvaluationTime = TimeSpan.FromMilliseconds(250),
                        Alerts = [Alert("a", AlertState.Firing), Alert("b", AlertState.Inactive)],
                    },
                    new RuleStatus(second[0].Rules[1]) { Health = RuleHealth.Bad, LastError = "no luck" },
                ],
            },
            Unevaluated(second[1]),
        ];
    }

    private static RuleGroupStatus Unevaluated(RuleGroupConfig group) =>
        new(group) { Rules = [.. group.Rules.Select(rule => new RuleStatus(rule))] };

    private static ActiveAlert Alert(string job, AlertState state) =>
        new()
        {
            Labels = LabelSet.Of("alertname", "Down", "job", job),
            Annotations = [new Label("summary", "0")],
            State = state,
            Value = -32.5,
            ActiveAtMs = AtMs,
            KeepFiringSinceMs = AtMs + 1000,
        };
}
