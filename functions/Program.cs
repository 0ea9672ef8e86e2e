using Tributary.Configuration.Yaml;
using Tributary.Functions.CommandLine;
using Tributary.Functions.Serving;

return await RunAsync(args);

static async Task<int> RunAsync(string[] args)
{
    try
    {
        return PlainServe.TryParse(args) is { } options ? await ServeAsync(Resolve(options)) : await RunTreeAsync(args);
    }
    catch (CommandException e)
    {
        await Console.Error.WriteLineAsync($"error: {CredentialText.Hide(e.Message)}");
        return e.ExitCode;
    }
}

// A method of its own, so that a plain serve does not load the command-line library.
static Task<int> RunTreeAsync(string[] args) =>
    new CommandTree(
        new CommandVerbs(
            options => ServeAsync(Resolve(options)),
            options => LogCommand.ListAsync(Resolve(options)),
            options => LogCommand.VerifyAsync(Resolve(options)),
            (options, request) => new BlocksCommand(Resolve(options), request, Console.Out, Console.Error).RunAsync(),
            (options, request) => new QueryCommand(Resolve(options), request, Console.Out, Console.Error).RunAsync(),
            HashPasswordCommand.RunAsync,
            (options, request) =>
                CheckConfigCommand.RunAsync(() => Resolve(options), request, Console.Out, Console.Error),
            (options, request) =>
                new CheckRulesCommand(Resolve(options), request, Console.Out, Console.Error).RunAsync(),
            request =>
                new TestRulesCommand(
                    request,
                    Environment.GetEnvironmentVariable,
                    Console.Out,
                    Console.Error
                ).RunAsync(),
            request => PromqlCommand.RunAsync(request, Console.In, Console.Out, Console.Error),
            (options, request) => new SourceCommand(Resolve(options), request, Console.Out, Console.Error).RunAsync(),
            (options, request) => new GapsCommand(Resolve(options), request, Console.Out, Console.Error).RunAsync(),
            (options, request) => new ExportCommand(Resolve(options), request, Console.Out, Console.Error).RunAsync(),
            (options, request) => new CostCommand(Resolve(options), request, Console.Out).RunAsync()
        )
    ).RunAsync(args, Console.Out, Console.Error);

static Task<int> ServeAsync(Settings settings) =>
    settings.Host is { } host ? FunctionsCommand.RunAsync(settings, host) : ServeCommand.RunAsync(settings);

static Settings Resolve(CommandOptions options) =>
    Settings.Resolve(options, Environment.GetEnvironmentVariable, File.Exists, Directory.Exists);
