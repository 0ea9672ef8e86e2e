using System.CommandLine;

namespace Tributary.Functions.CommandLine;

/// <summary><c>tributary test</c>: its verbs with their options and help, which are those of <c>promtool test</c>.</summary>
/// <param name="run">Runs <c>test rules</c>.</param>
internal sealed class TestTree(Func<TestRulesRequest, Task<int>> run)
{
    private readonly Argument<string[]> files = new("FILE")
    {
        Description = "The files of unit tests; rule files that they name begin at their folders.",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<string[]?> names = new("--run")
    {
        Description = "Run only tests of whose names the regular expression matches a part; may be given again.",
        HelpName = "REGEX",
    };

    private readonly Option<bool> diff = new("--diff") { Description = "Show alerts that differ line by line." };

    private readonly Option<bool> debug = new("--debug")
    {
        Description = "Print what is run, how long it takes, and all samples behind each test.",
    };

    private readonly Option<bool> ignoresUnknown = new("--ignore-unknown-fields")
    {
        Description = "Pass over fields of rule files that Prometheus does not have.",
    };

    private readonly Option<string?> junit = new("--junit")
    {
        Description = "Write the results as JUnit XML, too.",
        HelpName = "FILE",
    };

    private readonly Option<string[]?> features = new QueryOptionSet().Features;

    /// <summary>The command.</summary>
    public Command Make()
    {
        var rules = new Command(
            "rules",
            "Run unit tests of rules, in the form of promtool test rules; ends with 1 when one fails."
        );
        rules.Arguments.Add(files);
        rules.Options.Add(names);
        rules.Options.Add(diff);
        rules.Options.Add(debug);
        rules.Options.Add(ignoresUnknown);
        rules.Options.Add(junit);
        rules.Options.Add(features);
        rules.SetAction(
            (parsed, _) =>
                run(
                    new TestRulesRequest(parsed.GetValue(files) ?? [])
                    {
                        Run = parsed.GetValue(names) ?? [],
                        ShowsDiff = parsed.GetValue(diff),
                        IsDebug = parsed.GetValue(debug),
                        IgnoresUnknownFields = parsed.GetValue(ignoresUnknown),
                        JUnit = parsed.GetValue(junit),
                        Features = parsed.GetValue(features) is { } given ? string.Join(',', given) : null,
                    }
                )
        );
        var test = new Command("test", "Run unit tests.");
        test.Subcommands.Add(rules);
        return test;
    }
}
