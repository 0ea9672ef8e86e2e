using System.Globalization;
using Tributary.Configuration;

namespace Tributary.Functions.CommandLine;

/// <summary>A job that is done at the end of Collect's invocations instead of in invocations of its own.</summary>
/// <param name="Name">The name of its function.</param>
/// <param name="Schedule">Its times; done is what is due by them.</param>
/// <param name="IsDisabled">Whether its own function is off, so that nobody does it twice.</param>
internal sealed record SharedJobSetting(string Name, CrontabSchedule Schedule, bool IsDisabled)
{
    /// <summary>Names the jobs, with commas.</summary>
    public const string Variable = "TRIBUTARY_WITH_COLLECT";

    /// <summary>The jobs that are short. Compacting may last for minutes, in which nothing would be collected.</summary>
    public static readonly IReadOnlyList<string> Names = ["Evaluate", "Export"];

    /// <summary>The jobs that the environment names.</summary>
    /// <param name="environment">Looks up an environment variable.</param>
    /// <exception cref="CommandException">One is none, or has no schedule; the message says what to do.</exception>
    public static IReadOnlyList<SharedJobSetting> Resolve(Func<string, string?> environment)
    {
        const StringSplitOptions Options = StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries;
        return
        [
            .. (environment(Variable) ?? "")
                .Split(',', Options)
                .Distinct(StringComparer.OrdinalIgnoreCase)
                .Select(name => Of(name, environment)),
        ];
    }

    /// <summary>
    /// The setting that switches the function off (https://learn.microsoft.com/azure/azure-functions/disable-function). On Linux
    /// it comes with underscores, because names of variables have no dots there.
    /// </summary>
    public static string DisablingOf(string name) => $"AzureWebJobs.{name}.Disabled";

    private static SharedJobSetting Of(string name, Func<string, string?> environment)
    {
        var known =
            Names.FirstOrDefault(one => string.Equals(one, name, StringComparison.OrdinalIgnoreCase))
            ?? throw CommandException.Usage(
                $"{Variable}: '{name}' is no job that Collect can do at its end. Write {string.Join(", ", Names)}, or one of them."
            );
        var variable = $"TRIBUTARY_{known.ToUpperInvariant()}_SCHEDULE";
        try
        {
            return new SharedJobSetting(
                known,
                CrontabSchedule.Parse(environment(variable) ?? ""),
                IsOff(known, environment)
            );
        }
        catch (FormatException exception)
        {
            throw CommandException.Usage(
                $"{variable}, which says when {known} is due at the end of Collect: it {exception.Message}."
            );
        }
    }

    /// <summary>Whether the settings switch a function off.</summary>
    public static bool IsOff(string name, Func<string, string?> environment) =>
        IsTrue(environment(DisablingOf(name))) || IsTrue(environment(DisablingOf(name).Replace('.', '_')));

    /// <summary>As the host reads it.</summary>
    private static bool IsTrue(string? text) =>
        bool.TryParse(text, out var value)
            ? value
            : int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) && number == 1;
}
