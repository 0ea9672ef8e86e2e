using System.CommandLine;

namespace Tributary.Functions.CommandLine;

/// <summary>The verbs of <c>tributary export</c> with their options and help.</summary>
/// <param name="addStoreOptions">Adds the options that say where the storage is.</param>
/// <param name="optionsOf">Reads them.</param>
/// <param name="run">Runs a verb.</param>
internal sealed class ExportTree(
    Action<Command> addStoreOptions,
    Func<ParseResult, CommandOptions> optionsOf,
    Func<CommandOptions, ExportRequest, Task<int>> run
)
{
    private readonly Argument<string> name = new("NAME") { Description = "The export, by its name." };

    private readonly Argument<string?> anyName = new("NAME")
    {
        Description = "The export [default: all]",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string?> at = new("--at")
    {
        Description =
            "The scheduled time, as seconds since 1970 or RFC 3339; any will do [default: the last one of the schedule]",
        HelpName = "TIME",
    };

    private readonly Option<bool> force = new("--force")
    {
        Description = "Write the output again although it is there with everything.",
    };

    private readonly Option<bool> json = new("--json") { Description = "Print JSON." };

    /// <summary>The command.</summary>
    public Command Make()
    {
        var command = new Command(
            "export",
            "Write what the configuration has under tributary.exports, and see what was."
        );
        command.Subcommands.Add(MakeRun());
        command.Subcommands.Add(MakeList());
        command.Subcommands.Add(MakeShow());
        return command;
    }

    private Command MakeRun()
    {
        var command = new Command(
            ExportRequest.Run,
            "Write one export for one time, now; nothing is done when it is there. Ends with 3 when data was missing."
        );
        addStoreOptions(command);
        command.Arguments.Add(name);
        command.Options.Add(at);
        command.Options.Add(force);
        command.Options.Add(json);
        command.SetAction(
            (parsed, _) =>
                run(
                    optionsOf(parsed),
                    new ExportRequest(
                        ExportRequest.Run,
                        parsed.GetValue(name) ?? "",
                        parsed.GetValue(at),
                        parsed.GetValue(force),
                        parsed.GetValue(json)
                    )
                )
        );
        return command;
    }

    private Command MakeList()
    {
        var command = new Command(ExportRequest.List, "List the exports with their last runs.");
        addStoreOptions(command);
        command.Arguments.Add(anyName);
        command.Options.Add(json);
        command.SetAction(
            (parsed, _) =>
                run(
                    optionsOf(parsed),
                    new ExportRequest(ExportRequest.List, parsed.GetValue(anyName) ?? "", IsJson: parsed.GetValue(json))
                )
        );
        return command;
    }

    private Command MakeShow()
    {
        var command = new Command(
            ExportRequest.Show,
            "Print the manifest of a run: what is in its output, and what is missing."
        );
        addStoreOptions(command);
        command.Arguments.Add(name);
        command.Options.Add(at);
        command.SetAction(
            (parsed, _) =>
                run(
                    optionsOf(parsed),
                    new ExportRequest(ExportRequest.Show, parsed.GetValue(name) ?? "", parsed.GetValue(at))
                )
        );
        return command;
    }
}
