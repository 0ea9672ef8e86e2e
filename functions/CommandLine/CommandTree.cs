using System.CommandLine;
using System.CommandLine.Invocation;
using Tributary.Configuration.Yaml;

namespace Tributary.Functions.CommandLine;

/// <summary>All verbs with their options and help.</summary>
internal sealed class CommandTree
{
    private readonly Option<string?> config = new(CommandOptions.ConfigName)
    {
        Description =
            "The configuration, in the form of a prometheus.yml [TRIBUTARY_CONFIG; default: ./tributary.yml if it "
            + "exists, else a built-in one that watches only Tributary itself]",
        HelpName = "FILE",
    };

    private readonly Option<string?> storage = new(CommandOptions.StorageName)
    {
        Description =
            "Where the data lies: local:FOLDER, an Azure Storage connection string, or an account URL such as "
            + "https://NAME.blob.core.windows.net [TRIBUTARY_STORAGE; default: local:./data]",
        HelpName = "STORAGE",
    };

    private readonly Option<string?> listen = new(CommandOptions.ListenName)
    {
        Description =
            "The address to serve on: HOST:PORT, or :PORT for all interfaces; port 0 takes a free one "
            + "[TRIBUTARY_LISTEN; default: 127.0.0.1:19090]",
        HelpName = "ADDRESS",
    };

    private readonly Option<string?> externalUrl = new(CommandOptions.ExternalUrlName)
    {
        Description =
            "The URL under which others reach this server, for links, when it is behind a proxy "
            + "[TRIBUTARY_WEB_EXTERNAL_URL; default: http://HOST:PORT]",
        HelpName = "URL",
    };

    private readonly Option<string?> routePrefix = new(CommandOptions.RoutePrefixName)
    {
        Description =
            "The path before all addresses of this server "
            + "[TRIBUTARY_WEB_ROUTE_PREFIX; default: the path of --web.external-url]",
        HelpName = "PATH",
    };

    private readonly Option<string?> corsOrigin = new(CommandOptions.CorsOriginName)
    {
        Description =
            "The origins whose scripts may use the API, as a regular expression "
            + "[TRIBUTARY_WEB_CORS_ORIGIN; default: .*]",
        HelpName = "REGEX",
    };

    private readonly Option<bool> enableAdminApi = new(CommandOptions.EnableAdminApiName)
    {
        Description =
            "Serve /api/v1/admin, which deletes series and makes snapshots "
            + "[TRIBUTARY_WEB_ENABLE_ADMIN_API=true, or tributary.web.enable_admin_api of the configuration]",
    };

    private readonly Option<bool> enableRemoteWriteReceiver = new(CommandOptions.EnableRemoteWriteReceiverName)
    {
        Description =
            "Serve /api/v1/write, which stores what others send by remote write "
            + "[TRIBUTARY_WEB_ENABLE_REMOTE_WRITE_RECEIVER=true, or tributary.web.enable_remote_write_receiver of the configuration]",
    };

    private readonly QueryOptionSet queries = new();

    private readonly Argument<string[]> files = new("FILE")
    {
        Description =
            "The files to check, or blob:NAME for one in the storage [default: the configuration that serve would take]",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<bool> agent = new("--agent")
    {
        Description = "Check as Prometheus does in agent mode, without alerting, rule_files and remote_read.",
    };

    private readonly Option<bool> live = new("--live")
    {
        Description =
            "Ask the sources, too: whether they answer, how many series each selector has, whether their labels tell "
            + "them apart.",
    };

    private readonly RootCommand root;

    /// <summary>A tree whose verbs call <paramref name="verbs"/>.</summary>
    public CommandTree(CommandVerbs verbs)
    {
        // Each option is added to each verb and not inherited: suggestions for a mistyped one look only at the verb's own.
        var serve = new Command(PlainServe.Verb, "Collect, and serve /federate and the status page (the default).");
        AddServeOptions(serve);
        SetAction(serve, verbs.Serve);
        var list = new Command("ls", "List the files of the log.");
        AddStoreOptions(list);
        SetAction(list, verbs.LogList);
        var verify = new Command("verify", "Read every record of the log and check it.");
        AddStoreOptions(verify);
        SetAction(verify, verbs.LogVerify);
        var log = new Command("log", "Look at the log in the storage, also while a server runs on it.");
        AddStoreOptions(log);
        log.Subcommands.Add(list);
        log.Subcommands.Add(verify);
        var hashPassword = new Command(
            CommandVerbs.HashPasswordName,
            "Ask for a password (or read it from standard input) and print its hash, for tributary.web.users."
        );
        hashPassword.SetAction((_, _) => verbs.HashPassword());
        var check = new Command("check", "Check files without serving them.");
        check.Subcommands.Add(CheckConfig(verbs));
        check.Subcommands.Add(new CheckRulesTree(AddStoreOptions, OptionsOf, verbs.CheckRules).Make());
        root = new RootCommand("Tributary: a serverless Prometheus federation collector.");
        AddServeOptions(root);
        root.Subcommands.Add(serve);
        root.Subcommands.Add(log);
        root.Subcommands.Add(new BlocksTree(AddStoreOptions, OptionsOf, verbs.Blocks).Make());
        var gaps = new GapsTree(AddStoreOptions, OptionsOf, verbs.Gaps);
        root.Subcommands.Add(gaps.MakeList());
        root.Subcommands.Add(gaps.MakeFill());
        root.Subcommands.Add(new CostTree(AddStoreOptions, OptionsOf, verbs.Cost).Make());
        root.Subcommands.Add(new ExportTree(AddStoreOptions, OptionsOf, verbs.Export).Make());
        root.Subcommands.Add(new QueryTree(AddStoreOptions, OptionsOf, verbs.Query).Make());
        root.Subcommands.Add(new PromqlTree(verbs.Promql).Make());
        root.Subcommands.Add(new SourceTree(AddStoreOptions, OptionsOf, verbs.Source).Make());
        root.Subcommands.Add(hashPassword);
        root.Subcommands.Add(check);
        root.Subcommands.Add(new TestTree(verbs.TestRules).Make());
        SetAction(root, verbs.Serve);
    }

    /// <summary>Runs what the command line says and returns the exit code.</summary>
    public async Task<int> RunAsync(string[] args, TextWriter output, TextWriter error)
    {
        var result = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        var isMistake = result.Action is ParseErrorAction;
        if (isMistake && result.CommandResult.Command.Name == CommandVerbs.HashPasswordName)
        {
            // What is too much here is a password.
            await error.WriteLineAsync(
                $"{CommandVerbs.HashPasswordName} takes no arguments, because other users of this machine could read them: "
                    + "type the password when it asks, or send it to standard input."
            );
            return ExitCode.Usage;
        }
        using var mistakes = new StringWriter();
        var invocation = new InvocationConfiguration
        {
            // Suggestions and help belong to the error.
            Output = isMistake ? mistakes : output,
            Error = isMistake ? mistakes : error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
        };
        var code = await result.InvokeAsync(invocation);
        await error.WriteAsync(CredentialText.Hide(mistakes.ToString()));
        return isMistake ? ExitCode.Usage : code;
    }

    private void AddStoreOptions(Command command)
    {
        command.Options.Add(config);
        command.Options.Add(storage);
    }

    private void AddServeOptions(Command command)
    {
        AddStoreOptions(command);
        command.Options.Add(listen);
        command.Options.Add(externalUrl);
        command.Options.Add(routePrefix);
        command.Options.Add(corsOrigin);
        command.Options.Add(enableAdminApi);
        command.Options.Add(enableRemoteWriteReceiver);
        queries.AddTo(command);
    }

    private Command CheckConfig(CommandVerbs verbs)
    {
        var command = new Command(
            "config",
            "Check configuration files: explains errors and warnings, with their places; ends with 1 on errors, 3 on warnings."
        );
        AddStoreOptions(command);
        command.Arguments.Add(files);
        command.Options.Add(agent);
        command.Options.Add(live);
        command.SetAction(
            (parsed, _) =>
                verbs.CheckConfig(
                    OptionsOf(parsed),
                    new CheckRequest(parsed.GetValue(files) ?? [], parsed.GetValue(agent), parsed.GetValue(live))
                )
        );
        return command;
    }

    private void SetAction(Command command, Func<CommandOptions, Task<int>> run) =>
        command.SetAction((parsed, _) => run(OptionsOf(parsed)));

    private CommandOptions OptionsOf(ParseResult parsed) =>
        new(
            parsed.GetValue(config),
            parsed.GetValue(storage),
            parsed.GetValue(listen),
            parsed.GetValue(externalUrl),
            parsed.GetValue(routePrefix),
            parsed.GetValue(corsOrigin),
            parsed.GetValue(enableAdminApi),
            parsed.GetValue(enableRemoteWriteReceiver),
            parsed.GetValue(queries.LookbackDelta),
            parsed.GetValue(queries.Timeout),
            parsed.GetValue(queries.MaxConcurrency),
            parsed.GetValue(queries.MaxSamples),
            parsed.GetValue(queries.Features) is { Length: > 0 } features ? string.Join(',', features) : null
        );
}
