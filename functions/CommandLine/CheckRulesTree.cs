using System.CommandLine;

namespace Tributary.Functions.CommandLine;

/// <summary><c>tributary check rules</c> with its options and help.</summary>
/// <param name="addStoreOptions">Adds the options that say where the configuration and the storage are.</param>
/// <param name="optionsOf">Reads them.</param>
/// <param name="run">Runs the verb.</param>
internal sealed class CheckRulesTree(
    Action<Command> addStoreOptions,
    Func<ParseResult, CommandOptions> optionsOf,
    Func<CommandOptions, CheckRulesRequest, Task<int>> run
)
{
    private readonly Argument<string[]> files = new("FILE")
    {
        Description =
            "The files of rules to check, or blob:NAME for one in the storage [default: those that rule_files of the "
            + "configuration names]",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<bool> ignoresUnknown = new("--ignore-unknown-fields")
    {
        Description = "Pass over fields that Prometheus does not have, such as those of Thanos and Mimir.",
    };

    /// <summary>The command.</summary>
    public Command Make()
    {
        var command = new Command(
            "rules",
            "Check files of rules: errors with their places, rules that are there twice; ends with 1 on errors, 3 on warnings."
        );
        addStoreOptions(command);
        command.Arguments.Add(files);
        command.Options.Add(ignoresUnknown);
        command.SetAction(
            (parsed, _) =>
                run(
                    optionsOf(parsed),
                    new CheckRulesRequest(parsed.GetValue(files) ?? [], parsed.GetValue(ignoresUnknown))
                )
        );
        return command;
    }
}
