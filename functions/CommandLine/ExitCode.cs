namespace Tributary.Functions.CommandLine;

/// <summary>What the process tells its starter; the Functions host does not start a worker again that ends with 0.</summary>
internal static class ExitCode
{
    /// <summary>Done, or stopped because a signal asked for it.</summary>
    public const int Done = 0;

    /// <summary>It did not work; the reason was written.</summary>
    public const int Failed = 1;

    /// <summary>The command line or a setting is wrong; nothing was started.</summary>
    public const int Usage = 2;

    /// <summary>What was checked is valid, but has warnings.</summary>
    public const int Warnings = 3;

    /// <summary>Ended by a signal under the Functions host, which starts the process again and counts no error.</summary>
    public const int Restart = 200;
}
