using System.Security.Cryptography;
using System.Text;
using Tributary.Configuration.Rules;
using Tributary.Model;
using Tributary.PromQL.Syntax;
using Tributary.Rules;

namespace Tributary.Api;

/// <summary>Which rules <c>/api/v1/rules</c> is asked for; an empty list of names, groups, files or selectors takes all.</summary>
public sealed record RulesQuery
{
    /// <summary>Whether alerting rules are wanted.</summary>
    public bool HasAlerting { get; init; } = true;

    /// <summary>Whether recording rules are wanted.</summary>
    public bool HasRecording { get; init; } = true;

    /// <summary>Whether alerts of alerting rules are left out.</summary>
    public bool ExcludesAlerts { get; init; }

    /// <summary>Names of rules.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>Names of groups.</summary>
    public IReadOnlyList<string> Groups { get; init; } = [];

    /// <summary>Names of files.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];

    /// <summary>Selectors, of which one has to match the labels of a rule as they are written.</summary>
    public IReadOnlyList<VectorSelector> Selectors { get; init; } = [];

    /// <summary>The most groups of one answer; 0 is all.</summary>
    public int GroupLimit { get; init; }

    /// <summary>What an answer before said of where the next one begins; empty is the beginning.</summary>
    public string NextToken { get; init; } = "";

    /// <summary>What an answer says of a group with which the next one begins, as Prometheus.</summary>
    public static string TokenOf(RuleGroupConfig group) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{group.File};{group.Name}")));

    internal bool Takes(RuleGroupConfig group) => IsIn(Groups, group.Name) && IsIn(Files, group.File);

    internal bool Takes(RuleConfig rule) =>
        (rule.Record is null ? HasAlerting : HasRecording)
        && IsIn(Names, rule.Record ?? rule.Alert ?? "")
        && (
            Selectors.Count == 0
            || Selectors.Any(selector => selector.Matchers.All(matcher => matcher.Matches(ValueOf(rule, matcher.Name))))
        );

    internal IReadOnlyList<RuleStatus> RulesOf(RuleGroupStatus group) =>
        Takes(group.Config) ? [.. group.Rules.Where(rule => Takes(rule.Config))] : [];

    private static bool IsIn(IReadOnlyList<string> wanted, string name) =>
        wanted.Count == 0 || wanted.Contains(name, StringComparer.Ordinal);

    private static string ValueOf(RuleConfig rule, string name)
    {
        foreach (Label label in rule.Labels)
        {
            if (string.Equals(label.Name, name, StringComparison.Ordinal))
            {
                return label.Value;
            }
        }
        return "";
    }
}
