using Tributary.Tests.EndToEnd.Processes;

namespace Tributary.Tests.EndToEnd;

/// <summary><c>tributary test rules</c> against Debian's <c>promtool test rules</c>: the same verdicts, in the same words.</summary>
public sealed class RuleTestsInPromtoolTests(TributaryExecutable executable) : IDisposable
{
    /// <summary>Each line is an annotation; they are told apart by what both tools print of the alert.</summary>
    private static readonly string[] Templates =
    [
        """{{ $labels.room }} at {{ $value }} in {{ $externalLabels.monitor }}{{ $labels.missing }}""",
        """{{ range $i, $s := query "two" | sortByLabel "id" }}{{ $i }}{{ $s.Labels.id }}{{ $s.Value }} {{ end }}""",
        """{{ define "x" }}{{ .arg0 }}-{{ .arg1 }}-{{ .arg2 }}{{ end }}{{ template "x" (args "foo" 99) }}""",
        """{{ if gt $value 0.0 }}up{{ else if lt $value -50.0 }}low{{ else }}mid{{ end }} a {{- 1 -}} b{{/* c */}}""",
        """{{ . }} {{ $labels }} {{ print nil }} {{ print 1 2 "a" 3.5 'x' true }}""",
        """{{ printf "%5.1f|%-5s|%05d|%x|%q|%v|%t|%+d|%%|%e|%g|%c|%U" 3.14159 "ab" 42 "hi" "q\"" 1.5 true 7 1234.5 0.00001 'x' 'y' }}""",
        """{{ printf "%d" 1.5 }} {{ printf "%d" }} {{ printf "%s" "a" "b" }} {{ printf "%[2]s %[1]s" "a" "b" }}""",
        """{{ printf "%.0f %.2f %.0f %.3g %g %6.2f|%-8.3e|%+.1f" 2.5 1.005 3.5 1234.5 1e100 3.14159 12345.678 2.25 }}""",
        """{{ html "<a b='c'>&\"" }} {{ js "it's <b> é =" }} {{ urlquery "a b&c/d~é" }} {{ slice "abcdef" 1 3 }}""",
        """{{ humanize 1234567 }} {{ humanize 0.00123 }} {{ humanize -1e30 }} {{ humanize1024 1048576 }} {{ humanizeDuration 3661.5 }}""",
        """{{ humanizeDuration 0.0015 }} {{ humanizeDuration 12.3456 }} {{ humanizePercentage 0.959 }} {{ humanizeTimestamp 1643114203 }}""",
        """{{ stripPort "[::1]:6006" }} {{ stripPort "a:b:c" }} {{ match "a.b" "a\nb" }} {{ parseDuration "2h10m15s" }} {{ tableLink "up == 1" }}""",
        """{{ reReplaceAll "a*" "b" "caat" }} {{ reReplaceAll "(\\w)(?P<n>\\w)" "${n}$1-" "abcde" }} {{ reReplaceAll "a|ab" "<$0>" "abab" }}""",
        """{{ humanize "abc" }}""",
        """é{{ $value.foo }}""",
        """{{ query "none" | first }}""",
        """{{ gt $value 1 }}""",
        """{{ stripPort $value }}""",
        """{{ define "t" }}{{ .X.Y }}{{ end }}{{ template "t" 1 }}""",
    ];

    private readonly TemporaryFolder folder = new();

    public static TheoryData<string> Tests =>
        new()
        {
            // Everything passes.
            """
                    promql_expr_test: [{expr: 'job:up:sum', eval_time: 5m, exp_samples: [{labels: 'job:up:sum{job="j"}', value: 0}]}]
                    alert_rule_test: [{alertname: Down, eval_time: 2m}, {alertname: Down, eval_time: 3m59s, exp_alerts: [{exp_labels: {severity: page, job: j, instance: a}, exp_annotations: {summary: a is 0}}]}]
                """,
            // Wrong samples, wrong queries, wrong alerts.
            """
                    promql_expr_test: [{expr: up, eval_time: 5m}, {expr: 'up[5m]'}, {expr: 'sum(up', eval_time: 1m}, {expr: 'rate(up[2m])', eval_time: 90s, exp_samples: [{value: 0.1}]}]
                    alert_rule_test: [{alertname: Down, eval_time: 4m, exp_alerts: [{}]}, {alertname: Other, eval_time: 1m, exp_alerts: [{exp_labels: {a: b}}]}]
                """,
            // States of alerts.
            """
                    promql_expr_test: [{expr: 'ALERTS', eval_time: 2m}, {expr: 'ALERTS_FOR_STATE', eval_time: 8m}, {expr: 'ALERTS', eval_time: 12m}]
                """,
        };

    [Theory]
    [MemberData(nameof(Tests))]
    public async Task TestRules_AnyTests_SaysWhatPromtoolSays(string expectations)
    {
        folder.Write(
            "rules.yml",
            """
            groups:
            - name: g
              rules:
              - {record: 'job:up:sum', expr: sum by (job) (up)}
              - alert: Down
                expr: up == 0
                for: 2m
                labels: {severity: page}
                annotations: {summary: '{{ $labels.instance }} is {{ $value }}'}
            """
        );
        var file = folder.Write(
            "test.yml",
            "rule_files: [rules.yml]\ntests:\n  - interval: 1m\n    name: one\n"
                + "    input_series: [{series: 'up{job=\"j\",instance=\"a\"}', values: '1 0x8 1'}]\n"
                + expectations
        );
        await AssertSameAsync(file);
    }

    [Fact]
    public async Task TestRules_Templates_ExpandAsInPromtool()
    {
        var annotations = Templates.Select(
            (text, i) => $"      a{i:00}: '{text.Replace("'", "''", StringComparison.Ordinal)}'"
        );
        folder.Write(
            "rules.yml",
            "groups:\n- name: g\n  rules:\n  - alert: A\n    expr: temperature\n    annotations:\n"
                + string.Join('\n', annotations)
        );
        var file = folder.Write(
            "test.yml",
            """
            rule_files: [rules.yml]
            tests:
            - interval: 1m
              external_labels: {monitor: golden}
              input_series:
              - {series: 'temperature{room="lab"}', values: '-32.5'}
              - {series: 'two{id="b"}', values: '2'}
              - {series: 'two{id="a"}', values: '1234567'}
              alert_rule_test: [{alertname: A, eval_time: 0m}]
            """
        );
        await AssertSameAsync(file);
    }

    public void Dispose() => folder.Dispose();

    private async Task AssertSameAsync(string file)
    {
        var promtool = Requirement.Program("promtool", "prometheus");
        string[] arguments = ["test", "rules", file];
        var expected = await ChildProcess.RunAsync(promtool, arguments, folder.Path);
        var actual = await ChildProcess.RunAsync(await executable.PathAsync(), arguments, folder.Path);
        Assert.Equal(Lines(expected.Errors), Lines(actual.Errors));
        Assert.Equal(Lines(expected.Output), Lines(actual.Output));
        Assert.Equal(expected.ExitCode, actual.ExitCode);
    }

    /// <summary>The lines that are not empty: promtool prints those between errors elsewhere.</summary>
    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
