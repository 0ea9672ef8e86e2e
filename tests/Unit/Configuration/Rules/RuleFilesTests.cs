using Tributary.Configuration;
using Tributary.Configuration.Yaml;

namespace Tributary.Tests.Unit.Configuration.Rules;

public sealed class RuleFilesTests
{
    private readonly Dictionary<string, string> files = new(StringComparer.Ordinal);

    [Fact]
    public void Read_Files_AddTheirGroupsWithGlobalDefaults()
    {
        files["etc/rules/b.yml"] = "groups: [{name: g}]";
        files["etc/rules/a.yml"] = "groups: [{name: g, interval: 5s}, {name: h, query_offset: 1s}]";
        files["blob:rules/c.yml"] = "groups: [{name: g}]";
        var groups = Read(
            "global: {evaluation_interval: 7s, rule_query_offset: 3s}\nrule_files: [rules/*.yml, rules/b.yml, 'blob:rules/*']\n"
        ).RuleGroups;
        Assert.Equal(
            ["etc/rules/a.yml g 5 3", "etc/rules/a.yml h 7 1", "etc/rules/b.yml g 7 3", "blob:rules/c.yml g 7 3"],
            groups.Select(one => $"{one.File} {one.Name} {one.Interval.TotalSeconds} {one.QueryOffset.TotalSeconds}")
        );
    }

    [Fact]
    public void Read_ErrorsOfFiles_NameTheFile()
    {
        files["etc/a.yml"] = "groups: [{name: g, rules: [{record: x}]}]";
        files["etc/b.yml"] = "groups: [{name: g, rules: [{record: x-y, expr: x}]}]";
        var exception = Assert.Throws<ConfigException>(() =>
            Read("global: {metric_name_validation_scheme: legacy}\nrule_files: ['?.yml', '[']")
        );
        Assert.Equal(
            [
                "etc/t.yml:2:23: rule_files: \"[\" has a [ without its ]",
                "etc/a.yml:1:28: group \"g\": rule 1 \"x\": expr is missing; a rule needs a query",
                "etc/b.yml:1:37: group \"g\": rule 1 \"x-y\": record is not a valid metric name: metric_name_validation_scheme legacy allows only letters, digits, _ and :",
            ],
            exception.Errors.Select(error => error.ToString())
        );
    }

    [Fact]
    public void Read_SectionRules_HasItsTimes()
    {
        Assert.Equal(new RulesConfig(), Read("tributary: {query: {}}").Rules);
        var rules = Read("tributary: {rules: {grace: 0s, max_catch_up: 2h}}").Rules;
        Assert.Equal((TimeSpan.Zero, TimeSpan.FromHours(2)), (rules.Grace, rules.MaxCatchUp));
    }

    [Fact]
    public void Read_BrokenTemplate_IsAnErrorOfTheFile()
    {
        files["etc/a.yml"] =
            "groups:\n- name: g\n  rules:\n  - alert: A\n    expr: up\n    annotations:\n      text: '{{ nope }}'\n";
        var exception = Assert.Throws<ConfigException>(() => Read("rule_files: [a.yml]"));
        var error = Assert.Single(exception.Errors);
        Assert.Equal((7, 13), (error.Line, error.Column));
        Assert.StartsWith("group \"g\": rule 1 \"A\": annotations: text: ", error.Message, StringComparison.Ordinal);
        Assert.Contains("nope", error.Message, StringComparison.Ordinal);
    }

    private CollectorConfig Read(string text) =>
        ConfigReader.Read(
            text,
            "etc/t.yml",
            new ConfigFiles(
                _ => null,
                pattern => [.. files.Keys.Where(name => FileGlob.IsMatch(pattern, name)).Order(StringComparer.Ordinal)],
                path => files[path]
            )
        );
}
