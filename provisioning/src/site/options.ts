/** What the command line says beside the site itself. Absent: as an earlier run or a person has set it, else the default. */
export interface SiteOptions {
  /** Where agents reach the broker. */
  readonly cloudUrl?: string | undefined;
  /** An outside broker; absent: the one in the cloud service. */
  readonly brokerUrl?: string | undefined;
  /** PEM of the authority that signed the broker's certificate. */
  readonly caFile?: string | undefined;
  readonly httpPort?: number | undefined;
  readonly mqttPort?: number | undefined;
  /** Folder of the cloud's database. */
  readonly cloudData?: string | undefined;
  /** Address the cloud listens on. */
  readonly bind?: string | undefined;
  /** An InfluxDB 1.x that the time series are written to as well. */
  readonly influxUrl?: string | undefined;
  readonly adminPasswordFile?: string | undefined;
  readonly insecure?: boolean | undefined;
}
