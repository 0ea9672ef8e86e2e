using System.Linq.Expressions;
using System.Reflection;
using Tributary.Configuration;
using Tributary.Configuration.Yaml;
using Tributary.Functions.CommandLine;
using Tributary.Stores;
using Tributary.Stores.Azure;

namespace Tributary.Tests.Unit.Deployment;

/// <summary>What a command line and an environment would start: read by the code that reads them in the executable.</summary>
internal static class TributaryStart
{
    private const string Prefix = "TRIBUTARY_";

    /// <summary>The environment variables that the code reads.</summary>
    public static IReadOnlySet<string> Variables { get; } =
        typeof(Settings)
            .Assembly.GetTypes()
            .SelectMany(type => type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
            .Where(field => field.IsLiteral && field.FieldType == typeof(string))
            .Select(field => (string)field.GetRawConstantValue()!)
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .ToHashSet(StringComparer.Ordinal);

    /// <summary>The settings of a server; null, and a problem, when it would not start with them.</summary>
    /// <param name="where">What problems begin with.</param>
    /// <param name="arguments">The command line behind the program.</param>
    /// <param name="environment">The environment.</param>
    /// <param name="fileExists">Whether the server would find a file.</param>
    /// <param name="problems">Gets what is wrong.</param>
    public static async Task<Settings?> ReadAsync(
        string where,
        IReadOnlyList<string> arguments,
        IReadOnlyDictionary<string, string> environment,
        Func<string, bool> fileExists,
        List<string> problems
    )
    {
        foreach (var name in environment.Keys.Where(IsUnknown))
        {
            problems.Add($"{where}: nothing reads the environment variable {name}");
        }
        var (verb, options, error) = await RunAsync(arguments);
        if (verb != nameof(CommandVerbs.Serve) || options is null)
        {
            problems.Add($"{where}: '{string.Join(' ', arguments)}' serves nothing: {error}");
            return null;
        }
        try
        {
            var settings = Settings.Resolve(options, name => environment.GetValueOrDefault(name), fileExists);
            if (settings.ParseStorage() is AccountConnection connection)
            {
                AzureAccount.FromSetting(connection);
            }
            return settings;
        }
        catch (Exception exception) when (exception is CommandException or StoreException)
        {
            problems.Add($"{where}: {exception.Message}");
            return null;
        }
    }

    /// <summary>Adds a problem when a command line, of any verb, is wrong.</summary>
    public static async Task CheckAsync(string where, IReadOnlyList<string> arguments, List<string> problems)
    {
        var (verb, _, error) = await RunAsync(arguments);
        if (verb is null)
        {
            problems.Add($"{where}: '{string.Join(' ', arguments)}' is no command: {error}");
        }
    }

    /// <summary>The configuration that a server reads; null, and problems, when it refuses or warns of it.</summary>
    /// <param name="path">Its path where the server runs.</param>
    /// <param name="environment">The environment.</param>
    /// <param name="files">The texts of the files that the server sees, by path.</param>
    /// <param name="problems">Gets what is wrong.</param>
    public static CollectorConfig? ReadConfig(
        string path,
        IReadOnlyDictionary<string, string> environment,
        IReadOnlyDictionary<string, string> files,
        List<string> problems
    )
    {
        try
        {
            var config = ConfigReader.Read(
                files[path],
                path,
                new ConfigFiles(
                    environment.GetValueOrDefault,
                    pattern => FileNames(pattern, files.Keys),
                    name => files.TryGetValue(name, out var text) ? text : throw new FileNotFoundException(name)
                )
            );
            problems.AddRange(config.Warnings.Select(warning => $"warning: {warning}"));
            return config;
        }
        catch (ConfigException exception)
        {
            problems.AddRange(exception.Errors.Select(error => error.ToString()));
            return null;
        }
    }

    private static List<string> FileNames(string pattern, IEnumerable<string> names)
    {
        var folder = Path.GetDirectoryName(pattern)!;
        var wanted = Path.GetFileName(pattern);
        return
        [
            .. names
                .Where(name => Path.GetDirectoryName(name) == folder)
                .Where(name =>
                    System.IO.Enumeration.FileSystemName.MatchesSimpleExpression(wanted, Path.GetFileName(name))
                )
                .Order(StringComparer.Ordinal),
        ];
    }

    private static bool IsUnknown(string name) =>
        name.StartsWith(Prefix, StringComparison.Ordinal) && !Variables.Contains(name);

    private static async Task<(string? Verb, CommandOptions? Options, string Error)> RunAsync(
        IReadOnlyList<string> arguments
    )
    {
        (string? Verb, CommandOptions? Options) ran = default;
        await using var output = new StringWriter();
        await using var error = new StringWriter();
        var tree = new CommandTree(Verbs((verb, options) => ran = (verb, options)));
        await tree.RunAsync([.. arguments], output, error);
        return (ran.Verb, ran.Options, error.ToString().ReplaceLineEndings(" ").Trim());
    }

    /// <summary>Verbs that only say that they ran, however many there are.</summary>
    private static CommandVerbs Verbs(Action<string, CommandOptions?> ran)
    {
        var constructor = typeof(CommandVerbs).GetConstructors().Single();
        return (CommandVerbs)
            constructor.Invoke([.. constructor.GetParameters().Select(parameter => Verb(parameter, ran))]);
    }

    private static Delegate Verb(ParameterInfo verb, Action<string, CommandOptions?> ran)
    {
        var inputs = verb
            .ParameterType.GetMethod("Invoke")!
            .GetParameters()
            .Select(input => Expression.Parameter(input.ParameterType))
            .ToArray();
        Expression options =
            (Expression?)inputs.FirstOrDefault(input => input.Type == typeof(CommandOptions))
            ?? Expression.Constant(null, typeof(CommandOptions));
        var call = Expression.Invoke(Expression.Constant(ran), Expression.Constant(verb.Name), options);
        return Expression
            .Lambda(verb.ParameterType, Expression.Block(call, Expression.Constant(Task.FromResult(0))), inputs)
            .Compile();
    }
}
