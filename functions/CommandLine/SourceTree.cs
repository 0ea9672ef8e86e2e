using System.CommandLine;

namespace Tributary.Functions.CommandLine;

/// <summary>The verbs of <c>tributary source</c> with their options and help.</summary>
/// <param name="addStoreOptions">Adds the options that say where configuration and storage are.</param>
/// <param name="optionsOf">Reads them.</param>
/// <param name="run">Runs a verb.</param>
internal sealed class SourceTree(
    Action<Command> addStoreOptions,
    Func<ParseResult, CommandOptions> optionsOf,
    Func<CommandOptions, SourceRequest, Task<int>> run
)
{
    private readonly Argument<string> name = new("NAME")
    {
        Description = "A job, an instance, or a part of what ls shows as KEY that only one source has.",
    };

    /// <summary>The command.</summary>
    public Command Make()
    {
        var source = new Command("source", "Look at the sources of the configuration, and try one.");
        addStoreOptions(source);
        var list = new Command(SourceRequest.List, "List the sources, without asking them.");
        addStoreOptions(list);
        list.SetAction((parsed, _) => run(optionsOf(parsed), new SourceRequest(SourceRequest.List)));
        var test = new Command(
            SourceRequest.Test,
            "Collect from one source once, store nothing, and show what came; ends with 1 when the collect failed."
        );
        addStoreOptions(test);
        test.Arguments.Add(name);
        test.SetAction(
            (parsed, _) => run(optionsOf(parsed), new SourceRequest(SourceRequest.Test, parsed.GetValue(name)))
        );
        source.Subcommands.Add(list);
        source.Subcommands.Add(test);
        return source;
    }
}
