using Tributary.Patterns;
using Tributary.Rules.Testing;
using Tributary.Tests.Unit.Stores.Local;

namespace Tributary.Tests.Unit.Rules.Testing;

public sealed class RuleTestRunnerTests : IDisposable
{
    private const string Rules = """
        groups:
        - name: g
          rules:
          - {record: 'job:up:sum', expr: sum by (job) (up)}
          - alert: Down
            expr: up == 0
            for: 2m
            labels: {severity: page}
            annotations: {summary: '{{ $labels.instance }} is {{ $value }} in {{ $externalLabels.region }}'}
        """;

    private const string Head = """
        rule_files: ['r*.yml']
        tests:
        - name: one
          interval: 1m
          external_labels: {region: eu}
          input_series:
          - {series: 'up{job="j",instance="a"}', values: '1 0x10'}
          - {series: 'h', values: '{{schema:0 count:3 sum:2 buckets:[1 2]}}+{{count:1 buckets:[0 1]}}x3'}

        """;

    private readonly TestFolder folder = new();

    public RuleTestRunnerTests()
    {
        Directory.CreateDirectory(folder.Path);
        Write("r.yml", Rules);
    }

    public static TheoryData<string> Passing =>
        new()
        {
            "  promql_expr_test: [{expr: 'job:up:sum', eval_time: 5m, exp_samples: [{labels: 'job:up:sum{job=\"j\"}', value: 0}]}]",
            "  promql_expr_test: [{expr: 'time()', eval_time: 90s, exp_samples: [{value: 90}]}]",
            "  promql_expr_test: [{expr: nothing, eval_time: 5m}]",
            "  promql_expr_test: [{expr: h, eval_time: 1m, exp_samples: [{labels: h, histogram: '{{count:4 sum:2 counter_reset_hint:not_reset buckets:[1 3]}}'}]}]",
            "  alert_rule_test: [{alertname: Down, eval_time: 2m}]",
            "  alert_rule_test: [{alertname: Down, eval_time: 3m59s, exp_alerts: [{exp_labels: {severity: page, job: j, instance: a}, exp_annotations: {summary: a is 0 in eu}}]}]",
            "  promql_expr_test: [{expr: 'ALERTS{alertstate=\"pending\"}', eval_time: 1m, exp_samples: [{labels: 'ALERTS{alertname=\"Down\",alertstate=\"pending\",instance=\"a\",job=\"j\",severity=\"page\"}', value: 1}]}]",
        };

    public static TheoryData<string, string> Failing =>
        new()
        {
            {
                "  promql_expr_test: [{expr: 'job:up:sum', eval_time: 5m, exp_samples: [{value: 0.5}]}]",
                "    expr: \"job:up:sum\", time: 5m,\n        exp: {} 5E-01\n        got: {__name__=\"job:up:sum\", job=\"j\"} 0E+00"
            },
            {
                "  promql_expr_test: [{expr: 'up[5m]'}]",
                "    expr: \"up[5m]\", time: 0s, err: rule result is not a vector or scalar"
            },
            {
                "  promql_expr_test: [{expr: up, exp_samples: [{labels: 'up{'}]}]",
                "    expr: \"up\", time: 0s, err: labels \"up{\": column 4: expected the name of a label"
            },
            {
                "  alert_rule_test: [{alertname: Down, eval_time: 3m, exp_alerts: [{}]}]",
                "    name: one,\n    alertname: Down, time: 3m, \n"
                    + "        exp:[\n            0:\n              Labels:{alertname=\"Down\"}\n              Annotations:{}\n            ], \n"
                    + "        got:[\n            0:\n              Labels:{alertname=\"Down\", instance=\"a\", job=\"j\", severity=\"page\"}\n"
                    + "              Annotations:{summary=\"a is 0 in eu\"}\n            ]"
            },
        };

    public static TheoryData<string, string> Refused =>
        new()
        {
            {
                "tests: [{input_series: [{series: up, values: '1+x'}]}]",
                "input_series: values: column 1: \"1+x\" is no value"
            },
            { "tests: [{alert_rule_test: [{eval_time: 1m}]}]", "1:28: tests: alert_rule_test: alertname is missing" },
            { "tests: [{unknown: 1}]", "unknown" },
            { "group_eval_order: [a, a]", "group_eval_order names \"a\" twice" },
            { "tests: [{start_timestamp: soon}]", "1:27: tests: start_timestamp \"soon\" is no time" },
            { "tests: 1", "tests must be a list" },
        };

    [Theory]
    [MemberData(nameof(Passing))]
    public async Task Run_WhatIsThere_Passes(string expectations) =>
        Assert.Equal([], Assert.Single((await RunAsync(Head + expectations)).Results).Problems);

    [Theory]
    [MemberData(nameof(Failing))]
    public async Task Run_SomethingElse_FailsWithBoth(string expectations, string problem) =>
        Assert.Equal([problem], Assert.Single((await RunAsync(Head + expectations)).Results).Problems);

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task Run_NotValid_SaysWhere(string text, string problem)
    {
        var outcome = await RunAsync(text);
        Assert.False(outcome.IsGood);
        Assert.Contains(problem, Assert.Single(Assert.Single(outcome.Results).Problems), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_BrokenRules_HasEveryErrorOfAllFiles()
    {
        Write("r1.yml", "groups: [{name: g, rules: [{record: a, expr: '('}]}]");
        Write("r2.yml", "groups: [{rules: []}]");
        var problem = Assert.Single(Assert.Single((await RunAsync(Head)).Results).Problems);
        Assert.Contains("r1.yml:1:", problem, StringComparison.Ordinal);
        Assert.Contains("r2.yml:1:", problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_RuleThatFails_EndsTheTest()
    {
        Write("r1.yml", "groups: [{name: x, limit: 1, rules: [{record: a, expr: 'up or h'}]}]");
        var problems = Assert
            .Single((await RunAsync(Head + "  promql_expr_test: [{expr: up, eval_time: 5m}]")).Results)
            .Problems;
        Assert.Equal(["    rule: a, time: 0s, err: exceeded limit of 1 with 2 series"], problems);
    }

    [Fact]
    public async Task Run_Options_ChooseAndShow()
    {
        const string Tests = """
            rule_files: [r.yml, none.yml]
            fuzzy_compare: true
            tests:
            - {name: alpha, promql_expr_test: [{expr: '0.1 + 0.2', exp_samples: [{value: 0.3}]}]}
            - {name: beta, start_timestamp: '2024-01-01T00:00:00Z', promql_expr_test: [{expr: time(), exp_samples: [{value: 1704067200}]}]}
            - {name: gamma, alert_rule_test: [{alertname: Down, exp_alerts: [{}]}]}
            """;
        var log = new List<string>();
        var options = new RuleTestOptions
        {
            Run = [PatternSearch.Parse("^a"), PatternSearch.Parse("mm")],
            ShowsDiff = true,
            Debug = text =>
            {
                log.Add(text);
                return Task.CompletedTask;
            },
        };
        var outcome = await RunAsync(Tests, options);
        Assert.Equal(["alpha", "gamma"], outcome.Results.Select(result => result.Name));
        Assert.Equal([$"  WARNING: no file match pattern {folder.Path}/none.yml"], outcome.Warnings);
        Assert.Empty(outcome.Results[0].Problems);
        const string Diff = "diff:\n            - [\n            - 0:\n            -   Labels:{alertname=\"Down\"}\n";
        Assert.Contains(Diff, Assert.Single(outcome.Results[1].Problems), StringComparison.Ordinal);
        Assert.Equal("DEBUG: Starting test alpha", log[0]);
        Assert.Equal(6, log.Count);
        var all = await RunAsync(Tests);
        Assert.Empty(all.Results[1].Problems);
    }

    [Fact]
    public async Task Run_GroupOrder_Decides()
    {
        Write(
            "r1.yml",
            "groups: [{name: late, rules: [{record: b, expr: a}]}, {name: early, rules: [{record: a, expr: vector(7)}]}]"
        );
        const string Tests = """
            rule_files: [r1.yml]
            ORDER
            tests: [{promql_expr_test: [{expr: b, exp_samples: [{labels: b, value: 7}]}]}]
            """;
        var ordered = Tests.Replace("ORDER", "group_eval_order: [early, late]", StringComparison.Ordinal);
        Assert.True((await RunAsync(ordered)).IsGood);
        Assert.False((await RunAsync(Tests.Replace("ORDER", "", StringComparison.Ordinal))).IsGood);
    }

    public void Dispose() => folder.Dispose();

    private Task<RuleTestOutcome> RunAsync(string text, RuleTestOptions? options = null) =>
        new RuleTestRunner(options ?? new RuleTestOptions()).RunAsync(
            Write("tests.yaml", text),
            TestContext.Current.CancellationToken
        );

    private string Write(string name, string text)
    {
        var path = Path.Combine(folder.Path, name);
        File.WriteAllText(path, text);
        return path;
    }
}
