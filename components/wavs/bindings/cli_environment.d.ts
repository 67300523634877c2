declare const environment: {
  getEnvironment(): readonly (readonly [name: string, value: string])[];
};
export default environment;
