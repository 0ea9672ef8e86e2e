using Tributary.Configuration.Upstream;
using Tributary.Configuration.Yaml;

namespace Tributary.Configuration.Rules;

/// <summary>Reads files of rules.</summary>
/// <remarks>
/// https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/ and …/alerting_rules/. What Prometheus
/// accepts is accepted and what it refuses is refused; a template in a group's labels is checked, too.
/// </remarks>
public static class RuleFileReader
{
    private static readonly FieldTable Root = FieldTable.Of("groups");
    private static readonly FieldTable Group = FieldTable.Of("name interval query_offset limit labels rules");

    /// <summary>The groups of a file, in its order; none for an empty file.</summary>
    /// <param name="text">The file's text.</param>
    /// <param name="file">What errors and statuses call the file.</param>
    /// <param name="options">What holds for all files.</param>
    /// <exception cref="ConfigException">It is not valid; the exception has every error, each with its place.</exception>
    public static IReadOnlyList<RuleGroupConfig> Read(string text, string file, RuleFileOptions options)
    {
        var errors = new ErrorList(file);
        var groups = Read(text, errors, options);
        errors.ThrowIfAny();
        return groups;
    }

    /// <summary>As <see cref="Read(string, string, RuleFileOptions)"/>; what is wrong is among the errors.</summary>
    internal static List<RuleGroupConfig> Read(string text, ErrorList errors, RuleFileOptions options)
    {
        var groups = new List<RuleGroupConfig>();
        var node = YamlTree.Read(text.TrimStart('\ufeff'), errors, isOwnFirst: true);
        if (node is null or YamlScalar { IsNull: true })
        {
            return groups;
        }
        if (node is not YamlMapping mapping)
        {
            errors.Add(node.At, $"a file of rules must be a mapping with the field groups, not {node.Kind}");
            return groups;
        }
        var root = new Section(mapping, "", errors);
        CheckFields(root, Root, options);
        var lines = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var item in root.List("groups"))
        {
            if (ReadGroup(item, root, lines, options) is { } group)
            {
                groups.Add(group);
            }
        }
        return groups;
    }

    internal static void CheckFields(Section section, FieldTable fields, RuleFileOptions options)
    {
        if (!options.IgnoresUnknownFields)
        {
            section.CheckFields(fields);
        }
    }

    private static RuleGroupConfig? ReadGroup(
        YamlNode node,
        Section root,
        Dictionary<string, int> lines,
        RuleFileOptions options
    )
    {
        var errors = root.Errors;
        if (node is YamlScalar { IsNull: true })
        {
            errors.Add(node.At, "groups has an empty item; a group has a name and rules");
            return null;
        }
        if (Section.Open(node, "groups", errors) is not { } unnamed)
        {
            return null;
        }
        var name = ReadName(unnamed, lines);
        var section = name is null ? unnamed : Section.Open(node, $"group {Words.Quote(name)}", errors)!;
        CheckFields(section, Group, options);
        var reader = new RuleReader(section, options);
        return new RuleGroupConfig(errors.File, name ?? "")
        {
            Interval = section.Duration("interval") ?? options.Interval,
            // Zero is an offset, too: it takes that of all groups away.
            QueryOffset = section.Field("query_offset") is null
                ? options.QueryOffset
                : section.Duration("query_offset") ?? TimeSpan.Zero,
            Limit = ReadLimit(section),
            Labels = reader.GroupLabels,
            Rules = reader.ReadAll(),
        };
    }

    private static string? ReadName(Section group, Dictionary<string, int> lines)
    {
        if (group.NonEmptyText("name") is not { } name)
        {
            group.Refuse(group.Field("name")?.At ?? group.At, "name is missing; a group needs one");
            return null;
        }
        if (!lines.TryAdd(name, group.At.Line))
        {
            group.Refuse(
                group.Field("name")!.At,
                $"{Words.Quote(name)} is the name of the group in line {lines[name]}, too; within a file, names are unique"
            );
        }
        return name;
    }

    /// <summary>As in Prometheus, a negative number is no limit.</summary>
    private static int ReadLimit(Section section) =>
        section.Integer("limit") is { } limit ? (int)Math.Clamp(limit, 0, int.MaxValue) : 0;
}
