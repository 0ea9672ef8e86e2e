namespace Tributary.Functions.CommandLine;

/// <summary>Recognises a plain <c>serve</c> without the command-line library.</summary>
/// <remarks>
/// Loading and compiling the library takes about 35 ms, a third of a start. Whatever is not plain (help, mistakes, other
/// verbs, repeated options) is left to <see cref="CommandTree"/>, which reads the same options; a test compares the two.
/// </remarks>
internal static class PlainServe
{
    public const string Verb = "serve";

    /// <summary>The options of a plain <c>serve</c>, or null.</summary>
    public static CommandOptions? TryParse(IReadOnlyList<string> args)
    {
        var options = new CommandOptions();
        var position = args.Count > 0 && string.Equals(args[0], Verb, StringComparison.Ordinal) ? 1 : 0;
        for (; position < args.Count; position++)
        {
            if (args[position] == CommandOptions.EnableAdminApiName && !options.EnableAdminApi)
            {
                options = options with { EnableAdminApi = true };
                continue;
            }
            if (args[position] == CommandOptions.EnableRemoteWriteReceiverName && !options.EnableRemoteWriteReceiver)
            {
                options = options with { EnableRemoteWriteReceiver = true };
                continue;
            }
            var (name, value) = Split(args[position]);
            if (value is null && ++position < args.Count)
            {
                value = args[position];
            }
            if (string.IsNullOrEmpty(value) || value.StartsWith('-') || With(options, name, value) is not { } with)
            {
                return null;
            }
            options = with;
        }
        return options;
    }

    private static (string Name, string? Value) Split(string argument)
    {
        var equals = argument.IndexOf('=', StringComparison.Ordinal);
        return equals < 0 ? (argument, null) : (argument[..equals], argument[(equals + 1)..]);
    }

    private static CommandOptions? With(CommandOptions options, string name, string value) =>
        name switch
        {
            CommandOptions.ConfigName when options.Config is null => options with { Config = value },
            CommandOptions.StorageName when options.Storage is null => options with { Storage = value },
            CommandOptions.ListenName when options.Listen is null => options with { Listen = value },
            CommandOptions.ExternalUrlName when options.ExternalUrl is null => options with { ExternalUrl = value },
            CommandOptions.RoutePrefixName when options.RoutePrefix is null => options with { RoutePrefix = value },
            CommandOptions.CorsOriginName when options.CorsOrigin is null => options with { CorsOrigin = value },
            _ => null,
        };
}
