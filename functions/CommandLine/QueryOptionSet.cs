using System.CommandLine;

namespace Tributary.Functions.CommandLine;

/// <summary>The options of a server that are about its queries.</summary>
internal sealed class QueryOptionSet
{
    public Option<string?> LookbackDelta { get; } =
        new(QuerySettings.LookbackDeltaName)
        {
            Description =
                "How long the last sample of a series counts in queries and for /federate "
                + $"[{QuerySettings.LookbackDeltaVariable}; default: 5m]",
            HelpName = "DURATION",
        };

    public Option<string?> Timeout { get; } =
        new(QuerySettings.TimeoutName)
        {
            Description = $"How long a query may take [{QuerySettings.TimeoutVariable}; default: 2m]",
            HelpName = "DURATION",
        };

    public Option<string?> MaxConcurrency { get; } =
        new(QuerySettings.MaxConcurrencyName)
        {
            Description = $"How many queries run at once [{QuerySettings.MaxConcurrencyVariable}; default: 20]",
            HelpName = "COUNT",
        };

    public Option<string?> MaxSamples { get; } =
        new(QuerySettings.MaxSamplesName)
        {
            Description =
                "How many samples a query may hold in memory at once "
                + $"[{QuerySettings.MaxSamplesVariable}; default: 50000000]",
            HelpName = "COUNT",
        };

    public Option<string[]?> Features { get; } =
        new(QuerySettings.FeaturesName)
        {
            Description =
                "Experimental features to switch on, under Prometheus' names, with commas between them "
                + $"[{QuerySettings.FeaturesVariable}; default: none]",
            HelpName = "NAMES",
            Arity = ArgumentArity.OneOrMore,
        };

    /// <summary>Adds all of them to a verb.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(LookbackDelta);
        command.Options.Add(Timeout);
        command.Options.Add(MaxConcurrency);
        command.Options.Add(MaxSamples);
        command.Options.Add(Features);
    }
}
