using System.CommandLine;
using Tributary.Configuration.Yaml;
using Tributary.Functions.Diagnosis;
using Tributary.Model;

namespace Tributary.Functions.CommandLine;

/// <summary>The verb <c>tributary doctor</c> with its options and help.</summary>
/// <param name="addServeOptions">Adds the options of <c>serve</c>: the doctor looks at what a server would do with them.</param>
/// <param name="optionsOf">Reads them.</param>
/// <param name="run">Runs the verb.</param>
internal sealed class DoctorTree(
    Action<Command> addServeOptions,
    Func<ParseResult, CommandOptions> optionsOf,
    Func<CommandOptions, DoctorRequest, Task<int>> run
)
{
    private static readonly TimeSpan LongestTimeout = TimeSpan.FromHours(1);

    private readonly Option<string[]> skip = new("--skip")
    {
        Description = $"A check to leave out, of: {string.Join(", ", CheckNames.All)}; may be given several times.",
        HelpName = "CHECK",
        Arity = ArgumentArity.ZeroOrMore,
        AllowMultipleArgumentsPerToken = false,
    };

    private readonly Option<string?> timeout = new("--timeout")
    {
        Description = "How long all checks together may take, such as 30s or 5m [default: 2m; one check 30 s at most]",
        HelpName = "DURATION",
    };

    private readonly Option<string?> appSettings = new("--app-settings")
    {
        Description =
            "The app settings of a function app, as `az functionapp config appsettings list` prints them, or a "
            + "local.settings.json; - reads standard input. Checks what the app would do with them, from here.",
        HelpName = "FILE",
    };

    private readonly Option<bool> json = new("--json") { Description = "Print JSON." };

    /// <summary>The command.</summary>
    public Command Make()
    {
        var command = new Command(
            "doctor",
            "Check everything that a deployment needs, from here: settings, storage and each permission, configuration, "
                + "sources, destinations, timers, disk, memory. Ends with 1 on failures, 3 on warnings. Leaves nothing behind."
        );
        addServeOptions(command);
        command.Options.Add(skip);
        command.Options.Add(timeout);
        command.Options.Add(appSettings);
        command.Options.Add(json);
        command.SetAction((parsed, _) => run(optionsOf(parsed), RequestOf(parsed)));
        return command;
    }

    /// <exception cref="CommandException">There is no such check, or the time is none.</exception>
    private DoctorRequest RequestOf(ParseResult parsed)
    {
        var skipped = (parsed.GetValue(skip) ?? [])
            .SelectMany(names => names.Split(','))
            .ToHashSet(StringComparer.Ordinal);
        foreach (var name in skipped)
        {
            if (!CheckNames.All.Contains(name, StringComparer.Ordinal))
            {
                throw CommandException.Usage(
                    $"--skip: there is no check {Words.Quote(name)}; there are {string.Join(", ", CheckNames.All)}."
                );
            }
        }
        return new DoctorRequest(skipped, TimeoutOf(parsed.GetValue(timeout)), parsed.GetValue(json))
        {
            AppSettings = parsed.GetValue(appSettings),
        };
    }

    private static TimeSpan TimeoutOf(string? text)
    {
        if (text is null)
        {
            return DoctorRequest.DefaultTimeout;
        }
        if (!DurationText.TryParse(text, out var timeout, out var problem))
        {
            throw CommandException.Usage($"--timeout: {problem}");
        }
        return timeout > TimeSpan.Zero && timeout <= LongestTimeout
            ? timeout
            : throw CommandException.Usage("--timeout: it must be more than 0 and at most 1h.");
    }
}
