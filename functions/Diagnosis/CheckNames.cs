namespace Tributary.Functions.Diagnosis;

/// <summary>The checks, as people name them.</summary>
internal static class CheckNames
{
    public const string Settings = "settings";
    public const string Storage = "storage";
    public const string Permissions = "permissions";
    public const string Configuration = "configuration";
    public const string Access = "access";
    public const string Data = "data";
    public const string Timers = "timers";
    public const string Machine = "machine";
    public const string Sources = "sources";
    public const string Destinations = "destinations";

    /// <summary>All of them, in the order in which they run.</summary>
    public static IReadOnlyList<string> All { get; } =
    [Settings, Storage, Permissions, Configuration, Access, Data, Timers, Machine, Sources, Destinations];
}
