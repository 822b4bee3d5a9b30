// A table to try an import with.
const sample = `First name,Last name,Email,Phone,Job title,Company,Company domain,Tags
Ada,Lovelace,ada@analytical.example,+44 20 7946 0001,Head of computing,Analytical Engines,analytical.example,"customer, math"
Grace,Hopper,grace@navy.example,+1 212 555 0142,Rear admiral,Navy Research,navy.example,speaker
Søren,Åkerström,soren@nord.example,+45 32 12 34 56,CEO,Nord ApS,nord.example,
`;

// save gives the user a file.
export function save(name, text, type) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

export const sampleFile = () => save('people.csv', `\uFEFF${sample}`, 'text/csv');
