using Tributary.Configuration.Yaml;

namespace Tributary.Configuration;

/// <summary>Reads the section <c>tributary.rules</c>.</summary>
internal static class RulesReader
{
    /// <summary>The section of a file, or its defaults when there is none.</summary>
    public static RulesConfig Read(Section root)
    {
        var defaults = new RulesConfig();
        return root.Child("tributary", FieldTable.Tributary)?.Child("rules", FieldTable.Rules) is { } section
            ? new RulesConfig
            {
                Grace = DurationOr(section, "grace", defaults.Grace),
                MaxCatchUp = DurationOr(section, "max_catch_up", defaults.MaxCatchUp),
            }
            : defaults;
    }

    /// <summary>Zero is a duration, too: no wait, and no catching up.</summary>
    private static TimeSpan DurationOr(Section section, string field, TimeSpan otherwise) =>
        section.Has(field) ? section.Duration(field) ?? TimeSpan.Zero : otherwise;
}
