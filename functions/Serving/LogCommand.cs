using Tributary.Functions.CommandLine;

namespace Tributary.Functions.Serving;

/// <summary><c>tributary log</c>: looks at the log in the storage.</summary>
internal static class LogCommand
{
    public static Task<int> ListAsync(Settings settings) => throw NotHere(settings);

    public static Task<int> VerifyAsync(Settings settings) => throw NotHere(settings);

    private static CommandException NotHere(Settings settings) =>
        new($"this build can not read the log in {settings.StorageText} yet");
}
