using System.CommandLine;

namespace Tributary.Functions.CommandLine;

/// <summary><c>tributary cost</c> with its options and help.</summary>
/// <param name="addStoreOptions">Adds the options that say where the storage is.</param>
/// <param name="optionsOf">Reads them.</param>
/// <param name="run">Runs the verb.</param>
internal sealed class CostTree(
    Action<Command> addStoreOptions,
    Func<ParseResult, CommandOptions> optionsOf,
    Func<CommandOptions, CostRequest, Task<int>> run
)
{
    private readonly Option<string?> days = new("--days")
    {
        Description = "The days that are looked at, today included [default: 7]",
        HelpName = "N",
    };

    private readonly Option<string?> interval = new("--interval")
    {
        Description = "Show as well what a month would cost if all sources were collected so often, such as 60s",
        HelpName = "DURATION",
    };

    private readonly Option<string[]> match = new("--match")
    {
        Description =
            "Show as well what a month would cost if only these series were collected; may be repeated. Of the series "
            + "that sources have now: what is not collected cannot be counted.",
        HelpName = "SELECTOR",
    };

    private readonly Option<bool> json = new("--json") { Description = "Print JSON." };

    /// <summary>The command.</summary>
    public Command Make()
    {
        var command = new Command(
            CostRequest.Verb,
            "Show what a month costs, by item, job and source, from what was used and the prices of tributary.cost.prices."
        );
        addStoreOptions(command);
        command.Options.Add(days);
        command.Options.Add(interval);
        command.Options.Add(match);
        command.Options.Add(json);
        command.SetAction(
            (parsed, _) =>
                run(
                    optionsOf(parsed),
                    new CostRequest(
                        parsed.GetValue(days) ?? "",
                        parsed.GetValue(interval) ?? "",
                        parsed.GetValue(match) ?? [],
                        parsed.GetValue(json)
                    )
                )
        );
        return command;
    }
}
