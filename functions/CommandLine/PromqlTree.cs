using System.CommandLine;

namespace Tributary.Functions.CommandLine;

/// <summary>The verbs of <c>tributary promql</c> with their options and help.</summary>
/// <param name="run">Runs a verb.</param>
internal sealed class PromqlTree(Func<PromqlRequest, Task<int>> run)
{
    private readonly Option<bool> json = new("--json") { Description = "Print JSON." };

    private readonly Argument<string?> query = new("QUERY")
    {
        Description = "The query, in quotes of the shell; - or nothing to read it from standard input.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    /// <summary>The command.</summary>
    public Command Make()
    {
        var promql = new Command("promql", "Look at the text of queries; experimental parts of the language are on.");
        promql.Subcommands.Add(Verb(PromqlRequest.FormatVerb, "Print a query in lines that people can read."));
        promql.Subcommands.Add(
            Verb(PromqlRequest.ParseVerb, "Print the parts of a query as a tree, each with its type.")
        );
        return promql;
    }

    private Command Verb(string name, string description)
    {
        var command = new Command(name, description);
        command.Options.Add(json);
        command.Arguments.Add(query);
        command.SetAction((parsed, _) => run(new PromqlRequest(name, parsed.GetValue(query), parsed.GetValue(json))));
        return command;
    }
}
