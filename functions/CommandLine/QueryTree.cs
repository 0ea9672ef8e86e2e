using System.CommandLine;

namespace Tributary.Functions.CommandLine;

/// <summary>The verbs of <c>tributary query</c> with their options and help.</summary>
/// <param name="addStoreOptions">Adds the options that say where the storage is.</param>
/// <param name="optionsOf">Reads them.</param>
/// <param name="run">Runs a verb.</param>
internal sealed class QueryTree(
    Action<Command> addStoreOptions,
    Func<ParseResult, CommandOptions> optionsOf,
    Func<CommandOptions, QueryRequest, Task<int>> run
)
{
    private const string TimeHelp = "as seconds since 1970 or RFC 3339";

    private readonly Argument<string> query = new("QUERY") { Description = "A PromQL query." };

    private readonly Argument<string[]> selectors = new("SELECTOR")
    {
        Description = "Which series, such as up{job=\"a\"}; several are a union.",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Argument<string[]> anySelectors = new("SELECTOR")
    {
        Description = "Of which series [default: all]",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<string?> server = new("--server")
    {
        Description =
            "Ask this server, which may be any Prometheus, and not the storage; the URL may have a user and password",
        HelpName = "URL",
    };

    private readonly Option<string?> time = new("--time")
    {
        Description = $"When, {TimeHelp} [default: now]",
        HelpName = "TIME",
    };

    private readonly Option<string?> start = new("--start")
    {
        Description = $"From when, {TimeHelp} [default: an hour before the end; all time for series and labels]",
        HelpName = "TIME",
    };

    private readonly Option<string?> end = new("--end")
    {
        Description = $"Until when, {TimeHelp} [default: now; all time for series and labels]",
        HelpName = "TIME",
    };

    private readonly Option<string?> step = new("--step")
    {
        Description = "From step to step, such as 30s [default: a sixtieth of the range]",
        HelpName = "DURATION",
    };

    private readonly Option<string?> label = new("--label")
    {
        Description = "List the values of this label, and not the names of all",
        HelpName = "NAME",
    };

    private readonly Option<int> limit = new("--limit")
    {
        Description = "The most series, names or values [default: all]",
        HelpName = "COUNT",
    };

    private readonly Option<bool> json = new("--json") { Description = "Print the JSON of the HTTP API." };

    private readonly Option<bool> plot = new("--plot") { Description = "Draw the result." };

    /// <summary>The command.</summary>
    public Command Make()
    {
        var command = new Command("query", "Ask the storage (also while a server runs on it), or a server, by PromQL.");
        addStoreOptions(command);
        command.Subcommands.Add(
            Verb(QueryRequest.Instant, "The result at one time.", query, server, time, limit, json)
        );
        command.Subcommands.Add(
            Verb(QueryRequest.Range, "The result over a range.", query, server, start, end, step, limit, json, plot)
        );
        command.Subcommands.Add(
            Verb(QueryRequest.Series, "The series that are there.", selectors, server, start, end, limit, json)
        );
        command.Subcommands.Add(
            Verb(
                QueryRequest.Labels,
                "The names of labels, or the values of one.",
                anySelectors,
                server,
                label,
                start,
                end,
                limit,
                json
            )
        );
        return command;
    }

    private Command Verb(string name, string description, params Symbol[] symbols)
    {
        var command = new Command(name, description);
        addStoreOptions(command);
        command.Add(symbols);
        command.SetAction((parsed, _) => run(optionsOf(parsed), RequestOf(name, symbols, parsed)));
        return command;
    }

    private QueryRequest RequestOf(string name, Symbol[] symbols, ParseResult parsed) =>
        new(
            name,
            symbols.Contains(query) ? [parsed.GetValue(query)!]
                : symbols.Contains(selectors) ? parsed.GetValue(selectors) ?? []
                : parsed.GetValue(anySelectors) ?? []
        )
        {
            Server = symbols.Contains(server) ? parsed.GetValue(server) : null,
            Time = symbols.Contains(time) ? parsed.GetValue(time) : null,
            Start = symbols.Contains(start) ? parsed.GetValue(start) : null,
            End = symbols.Contains(end) ? parsed.GetValue(end) : null,
            Step = symbols.Contains(step) ? parsed.GetValue(step) : null,
            Label = symbols.Contains(label) ? parsed.GetValue(label) : null,
            Limit = symbols.Contains(limit) ? parsed.GetValue(limit) : 0,
            IsJson = symbols.Contains(json) && parsed.GetValue(json),
            IsPlot = symbols.Contains(plot) && parsed.GetValue(plot),
        };
}
