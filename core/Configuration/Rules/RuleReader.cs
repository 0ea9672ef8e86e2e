using Tributary.Configuration.Relabel;
using Tributary.Configuration.Yaml;
using Tributary.Model;
using Tributary.PromQL.Syntax;
using Tributary.Templates;

namespace Tributary.Configuration.Rules;

/// <summary>Reads the rules of one group.</summary>
internal sealed class RuleReader
{
    private static readonly FieldTable Rule = FieldTable.Of("record alert expr for keep_firing_for labels annotations");

    private readonly Section group;
    private readonly RuleFileOptions options;
    private readonly List<Label> groupLabels;

    public RuleReader(Section group, RuleFileOptions options)
    {
        this.group = group;
        this.options = options;
        groupLabels = ReadLabels(group);
        GroupLabels = LabelSet.Of(groupLabels);
    }

    /// <summary>The labels of the group.</summary>
    public LabelSet GroupLabels { get; }

    private bool IsLegacy => options.NameValidation == NameValidationScheme.Legacy;

    /// <summary>The rules, in the order of the file; those that are too broken to be one are only among the errors.</summary>
    public List<RuleConfig> ReadAll()
    {
        var rules = new List<RuleConfig>();
        var number = 0;
        foreach (var node in group.List("rules"))
        {
            if (ReadRule(node, ++number) is { } rule)
            {
                rules.Add(rule);
            }
        }
        return rules;
    }

    private RuleConfig? ReadRule(YamlNode node, int number)
    {
        var name = group.Below($"rule {number}");
        if (node is YamlScalar { IsNull: true })
        {
            group.Refuse(node.At, $"rule {number} is empty");
            return null;
        }
        if (Section.Open(node, name, group.Errors) is not { } unnamed)
        {
            return null;
        }
        var (record, alert) = (unnamed.NonEmptyText("record"), unnamed.NonEmptyText("alert"));
        var section = (record ?? alert) is { } said
            ? Section.Open(node, $"{name} {Words.Quote(said)}", group.Errors)!
            : unnamed;
        RuleFileReader.CheckFields(section, Rule, options);
        if (record is null && alert is null)
        {
            section.Refuse(section.At, "record or alert is missing; a rule needs one of them");
        }
        section.AtMostOne("record", "alert");
        if (record is not null)
        {
            CheckRecord(section, record);
        }
        else if (alert is not null && !LabelReader.IsUnicode(alert))
        {
            section.Refuse(section.Field("alert")!.At, "alert is not valid Unicode");
        }
        if (record is null)
        {
            CheckTemplates(section, "labels", alert);
            CheckTemplates(section, "annotations", alert);
            CheckTemplates(group, "labels", alert);
        }
        var own = ReadLabels(section);
        var annotations = LabelReader.ReadAll(section, "annotations", value => value, IsLegacy);
        var expression = ReadExpression(section);
        return expression is null
            ? null
            : new RuleConfig
            {
                Record = record,
                Alert = record is null ? alert ?? "" : null,
                Expression = expression,
                For = section.Duration("for") ?? TimeSpan.Zero,
                KeepFiringFor = section.Duration("keep_firing_for") ?? TimeSpan.Zero,
                Labels = WithGroup(own),
                Annotations = [.. annotations.Order()],
                Line = node.At.Line,
            };
    }

    private Expression? ReadExpression(Section section)
    {
        if (section.NonEmptyText("expr") is not { } text)
        {
            if (section.Field("expr") is null or YamlScalar)
            {
                section.Refuse(section.Field("expr")?.At ?? section.At, "expr is missing; a rule needs a query");
            }
            return null;
        }
        try
        {
            return QueryParser.Parse(text, options.Syntax);
        }
        catch (ParseException exception)
        {
            section.Refuse(section.Field("expr")!.At, $"expr: {Words.Clean(exception.Message, int.MaxValue)}");
            return null;
        }
    }

    private void CheckRecord(Section section, string record)
    {
        foreach (var field in (ReadOnlySpan<string>)["for", "keep_firing_for", "annotations"])
        {
            var isSaid = field is "annotations" ? section.Map(field).Count > 0 : section.Duration(field) is not null;
            if (isSaid)
            {
                section.Refuse(
                    section.Field(field)!.At,
                    $"{field} is for rules with alert, and this one has record; remove one of them"
                );
            }
        }
        var at = section.Field("record")!.At;
        if (record.Contains('{', StringComparison.Ordinal) || record.Contains('}', StringComparison.Ordinal))
        {
            section.Refuse(at, "record has braces; it is a name, and selectors belong into expr");
        }
        else if (IsLegacy ? !IsLegacyName(record) : !LabelReader.IsUnicode(record))
        {
            var rule = IsLegacy
                ? "metric_name_validation_scheme legacy allows only letters, digits, _ and :"
                : "it is not valid Unicode";
            section.Refuse(at, $"record is not a valid metric name: {rule}");
        }
    }

    private static void CheckTemplates(Section section, string field, string? alert)
    {
        foreach (var entry in section.Field(field) is YamlMapping mapping ? mapping.Entries : [])
        {
            if (entry.Value is not YamlScalar scalar)
            {
                continue;
            }
            try
            {
                Template.Parse(scalar.Value, $"__alert_{alert}");
            }
            catch (TemplateException exception)
            {
                var problem = Words.Clean(exception.Message, int.MaxValue);
                section.Refuse(entry.Value.At, $"{field}: {Words.Clean(entry.Key)}: {problem}");
            }
        }
    }

    /// <summary>Labels of a rule or group, with those whose value is empty: they remove.</summary>
    private List<Label> ReadLabels(Section section)
    {
        if (section.Field("labels") is YamlMapping mapping && mapping.Find(LabelSet.MetricNameLabel) is { } name)
        {
            section.Refuse(
                name.KeyAt,
                $"labels: {LabelSet.MetricNameLabel} is the name of the series and cannot be set"
            );
        }
        return LabelReader.ReadAll(section, "labels", value => value, IsLegacy);
    }

    /// <summary>The rule's labels and those of the group that it has none of the same name for, sorted.</summary>
    private Label[] WithGroup(List<Label> own)
    {
        var names = own.Select(label => label.Name).ToHashSet(StringComparer.Ordinal);
        return [.. groupLabels.Where(label => !names.Contains(label.Name)).Concat(own).Order()];
    }

    private static bool IsLegacyName(string name) => LabelText.IsPlainName(name.Replace(':', '_'));
}
