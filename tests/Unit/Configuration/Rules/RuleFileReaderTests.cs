using Tributary.Configuration.Relabel;
using Tributary.Configuration.Rules;
using Tributary.Configuration.Yaml;
using Tributary.Model;
using Tributary.PromQL.Syntax;

namespace Tributary.Tests.Unit.Configuration.Rules;

public sealed class RuleFileReaderTests
{
    [Fact]
    public void Read_Group_HasAllItsFields()
    {
        var group = Assert.Single(
            Read(
                """
                groups:
                - name: g
                  interval: 15s
                  query_offset: 0s
                  limit: 10
                  labels: {team: infra, tier: gold}
                  rules:
                  - record: job:up:sum
                    expr: sum by (job) (up)
                    labels: {tier: '', a: b}
                  - alert: Down
                    expr: up == 0
                    for: 5m
                    keep_firing_for: 10m
                    annotations: {z: '{{ $value }}', a: x}
                """
            )
        );
        Assert.Equal(("rules.yml", "g", 10), (group.File, group.Name, group.Limit));
        Assert.Equal((TimeSpan.FromSeconds(15), TimeSpan.Zero), (group.Interval, group.QueryOffset));
        Assert.Equal(LabelSet.Of("team", "infra", "tier", "gold"), group.Labels);
        var (record, alert) = (group.Rules[0], group.Rules[1]);
        Assert.Equal(("job:up:sum", null, 8), (record.Record, record.Alert, record.Line));
        Assert.Equal("a=b team=infra tier=", Text(record.Labels));
        Assert.Equal((null, "Down", 11), (alert.Record, alert.Alert, alert.Line));
        Assert.Equal((TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(10)), (alert.For, alert.KeepFiringFor));
        Assert.Equal("team=infra tier=gold", Text(alert.Labels));
        Assert.Equal("a=x z={{ $value }}", Text(alert.Annotations));
    }

    [Fact]
    public void Read_GroupThatSaysNothing_HasTheGlobalDefaults()
    {
        var group = Assert.Single(Read("groups: [{name: g, interval: 0s}]"));
        Assert.Equal((TimeSpan.FromSeconds(7), TimeSpan.FromSeconds(3)), (group.Interval, group.QueryOffset));
        Assert.Empty(group.Rules);
    }

    [Theory]
    [InlineData("")]
    [InlineData("# nothing\n")]
    [InlineData("groups:")]
    [InlineData("groups: []")]
    public void Read_FileWithoutGroups_IsNoError(string text) => Assert.Empty(Read(text));

    [Theory]
    [InlineData("- <<: *a\n    alert: B")]
    [InlineData("- alert: B\n    <<: *a")]
    public void Read_MergedRule_KeepsItsOwnKeys(string rule)
    {
        var group = Assert.Single(
            Read($"groups:\n- name: g\n  rules:\n  - &a {{alert: A, expr: up, for: 5m}}\n  {rule}")
        );
        Assert.Equal(["A", "B"], group.Rules.Select(one => one.Alert));
        Assert.Equal(TimeSpan.FromMinutes(5), group.Rules[1].For);
    }

    public static TheoryData<string, string> Errors =>
        new()
        {
            { "a", "1:1: a file of rules must be a mapping with the field groups, not a single value" },
            { "rules: []", "1:1: unknown field \"rules\"; known here: groups" },
            { "groups: [{rules: []}]", "1:10: groups: name is missing; a group needs one" },
            { "groups: [null]", "1:10: groups has an empty item; a group has a name and rules" },
            {
                "groups:\n- name: g\n- name: g\n",
                "3:9: groups: \"g\" is the name of the group in line 2, too; within a file, names are unique"
            },
            { Rule("{record: a}"), "2:21: group \"g\": rule 1 \"a\": expr is missing; a rule needs a query" },
            { Rule("null"), "2:21: group \"g\": rule 1 is empty" },
            { Rule("{expr: a}"), "2:21: group \"g\": rule 1: record or alert is missing; a rule needs one of them" },
            {
                Rule("{record: a, alert: b, expr: c}"),
                "2:40: group \"g\": rule 1 \"a\": record and alert exclude each other; keep one of them"
            },
            {
                Rule("{record: a, for: 1m, expr: c}"),
                "2:38: group \"g\": rule 1 \"a\": for is for rules with alert, and this one has record; remove one of them"
            },
            {
                Rule("{record: 'a{b=\"c\"}', expr: c}"),
                "2:30: group \"g\": rule 1 \"a{b=\"c\"}\": record has braces; it is a name, and selectors belong into expr"
            },
            {
                Rule("{record: a, expr: rate(b)}"),
                "2:39: group \"g\": rule 1 \"a\": expr: 1:6: parse error: expected type range vector in call to function \"rate\", got instant vector"
            },
            {
                Rule("{alert: a, expr: b, labels: {__name__: c}}"),
                "2:50: group \"g\": rule 1 \"a\": labels: __name__ is the name of the series and cannot be set"
            },
            {
                Rule("{alert: a, expr: b, annotation: {c: d}}"),
                "2:41: group \"g\": rule 1 \"a\": unknown field \"annotation\"; did you mean annotations?"
            },
        };

    [Theory]
    [MemberData(nameof(Errors))]
    public void Read_Mistake_IsToldWithItsPlace(string text, string error)
    {
        var exception = Assert.Throws<ConfigException>(() => Read(text));
        Assert.Equal("rules.yml:" + error, Assert.Single(exception.Errors).ToString());
    }

    [Fact]
    public void Read_SeveralMistakes_AreToldAtOnce()
    {
        var exception = Assert.Throws<ConfigException>(() =>
            Read("groups:\n- name: g\n  interval: x\n  rules:\n  - {record: a, expr: '('}\n  - {alert: b}\n")
        );
        Assert.Equal([3, 5, 6], exception.Errors.Select(error => error.Line));
    }

    [Fact]
    public void Read_LegacyNames_RefusesOthers()
    {
        var options = new RuleFileOptions { NameValidation = NameValidationScheme.Legacy };
        var text = "groups: [{name: g, rules: [{record: a.b, expr: c}, {record: 'a:b', expr: c}]}]";
        var exception = Assert.Throws<ConfigException>(() => RuleFileReader.Read(text, "rules.yml", options));
        Assert.Contains("record is not a valid metric name", Assert.Single(exception.Errors).Message);
        Assert.Single(Read(text));
    }

    [Fact]
    public void Read_ExperimentalFunction_NeedsItsFeature()
    {
        var text = Rule("{record: a, expr: sort_by_label(b)}");
        Assert.Throws<ConfigException>(() => Read(text));
        Assert.Single(RuleFileReader.Read(text, "rules.yml", new RuleFileOptions { Syntax = ParserOptions.All }));
    }

    [Fact]
    public void Read_UnknownField_MayBeIgnored()
    {
        var options = new RuleFileOptions { IgnoresUnknownFields = true };
        var text = "groups: [{name: g, partial_response_strategy: abort, rules: [{record: a, expr: b, x: y}]}]";
        Assert.Single(Assert.Single(RuleFileReader.Read(text, "rules.yml", options)).Rules);
    }

    private static string Rule(string rule) => $"groups:\n- {{name: g, rules: [{rule}]}}";

    private static string Text(IEnumerable<Label> labels) =>
        string.Join(' ', labels.Select(label => $"{label.Name}={label.Value}"));

    private static IReadOnlyList<RuleGroupConfig> Read(string text) =>
        RuleFileReader.Read(
            text,
            "rules.yml",
            new RuleFileOptions { Interval = TimeSpan.FromSeconds(7), QueryOffset = TimeSpan.FromSeconds(3) }
        );
}
