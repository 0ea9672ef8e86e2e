using System.CommandLine;

namespace Tributary.Functions.CommandLine;

/// <summary><c>tributary gaps</c> and <c>tributary backfill</c> with their options and help.</summary>
/// <param name="addStoreOptions">Adds the options that say where the storage is.</param>
/// <param name="optionsOf">Reads them.</param>
/// <param name="run">Runs a verb.</param>
internal sealed class GapsTree(
    Action<Command> addStoreOptions,
    Func<ParseResult, CommandOptions> optionsOf,
    Func<CommandOptions, GapsRequest, Task<int>> run
)
{
    private const string TimeHelp = "as seconds since 1970 or RFC 3339";

    private readonly Argument<string?> anySource = new("SOURCE")
    {
        Description = "The source, or the beginning of its name [default: all]",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Argument<string> source = new("SOURCE")
    {
        Description =
            "The source, or as much of its name's beginning as no other has; /api/v1/status/sources lists them.",
    };

    private readonly Option<bool> json = new("--json") { Description = "Print JSON." };

    private readonly Option<string> from = new("--from")
    {
        Description = $"Samples that are later than this, {TimeHelp}",
        HelpName = "TIME",
        Required = true,
    };

    private readonly Option<string> to = new("--to")
    {
        Description = $"And not later than this, {TimeHelp}",
        HelpName = "TIME",
        Required = true,
    };

    /// <summary>The command that lists gaps.</summary>
    public Command MakeList()
    {
        var command = new Command(
            GapsRequest.List,
            "List the intervals in which sources were not collected completely."
        );
        addStoreOptions(command);
        command.Arguments.Add(anySource);
        command.Options.Add(json);
        command.SetAction(
            (parsed, _) =>
                run(optionsOf(parsed), new GapsRequest(parsed.GetValue(anySource) ?? "", IsJson: parsed.GetValue(json)))
        );
        return command;
    }

    /// <summary>The command that fetches a range.</summary>
    public Command MakeFill()
    {
        var command = new Command(
            GapsRequest.Fill,
            "Fetch what a federated Prometheus had in a range of the past. Again: nothing changes."
        );
        addStoreOptions(command);
        command.Arguments.Add(source);
        command.Options.Add(from);
        command.Options.Add(to);
        command.SetAction(
            (parsed, _) =>
                run(
                    optionsOf(parsed),
                    new GapsRequest(parsed.GetValue(source) ?? "", parsed.GetValue(from), parsed.GetValue(to))
                )
        );
        return command;
    }
}
